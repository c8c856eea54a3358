#include "cli/args.h"

#include "hourglass/trainer.h"
#include "tui/tui.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#define AT(field) offsetof(struct cli_args, field)

static const struct cli_option table[] = {
    {'s', "set", CLI_SET, 0, NULL, false, "SECTION.KEY=VALUE",
     "overrides the experiment file; may be given again"},
    {'t', "threads", CLI_SET, 0, "train.threads", false, "N", "computing threads, 0 = all cores"},
    {0, "seed", CLI_SET, 0, "model.seed", false, "N", "seed of everything random"},
    {'q', "quiet", CLI_FLAG, AT(quiet), NULL, false, NULL, "only errors on standard error"},
    {'v', "verbose", CLI_FLAG, AT(verbose), NULL, false, NULL, "say more"},
    {0, "color", CLI_COLOR, AT(color), NULL, false, "WHEN", "auto, always, never, 16 or 256"},
    {0, "ascii", CLI_FLAG, AT(ascii), NULL, false, NULL, "draw with plain characters only"},
    {0, "low-bandwidth", CLI_FLAG, AT(low_bandwidth), NULL, false, NULL,
     "at most 1 kB of screen a second"},
    {0, "max-memory", CLI_SIZE, AT(max_memory), NULL, false, "SIZE",
     "refuse what needs more, for instance 512M or 2G"},
    {0, "max-pixels", CLI_SIZE, AT(max_pixels), NULL, false, "N", "largest image accepted"},
    {0, "max-samples", CLI_SIZE, AT(max_samples), NULL, false, "N", "most samples accepted"},
    {0, "print-config", CLI_FLAG, AT(print_config), NULL, false, NULL,
     "print the experiment and where each value came from"},
    {'o', "output", CLI_TEXT, AT(output), NULL, true, "RUN", "the run file to write"},
    {'e', "epochs", CLI_SET, 0, "train.epochs", true, "N", "end after N epochs of the whole run"},
    {0, "steps", CLI_COUNT, AT(steps), NULL, true, "N", "end after N steps of the whole run"},
    {0, "init", CLI_TEXT, AT(weights), NULL, true, "WEIGHTS",
     "start from these weights (.safetensors, .npz)"},
    {0, "resume", CLI_TEXT, AT(resume), NULL, true, "RUN", "go on exactly where RUN stopped"},
    {0, "detach", CLI_FLAG, AT(detach), NULL, true, NULL, "after a hang-up go on without a screen"},
    {0, "log", CLI_TEXT, AT(log), NULL, true, "FILE.jsonl", "write a log, one JSON object a line"},
    {0, "tensorboard", CLI_TEXT, AT(tensorboard), NULL, true, "DIR", "comes with a later version"},
    {0, "force", CLI_FLAG, AT(force), NULL, true, NULL, "overwrite an existing output"},
    {0, "recover", CLI_FLAG, AT(recover), NULL, true, NULL,
     "open the run that was kept when a signal ended the interface"},
    {'h', "help", CLI_FLAG, AT(help), NULL, false, NULL, "this help"},
    {'V', "version", CLI_FLAG, AT(version), NULL, false, NULL, "the version"},
};
enum { OPTIONS = sizeof table / sizeof *table };

/* Where the reading of argv stands. */
struct reader {
    int argc;
    char **argv;
    int next;            /* the next word */
    const char *cluster; /* rest of a group of short options; NULL = none */
    bool only_operands;  /* after -- */
};

const struct cli_option *cli_options(size_t *count)
{
    *count = OPTIONS;
    return table;
}

/* ---- values ---- */

uint64_t cli_end_steps(const struct cli_args *args)
{
    if (args->has_steps && args->steps == 0)
        return HG_NO_STEP;
    return args->steps < HG_NO_STEP ? args->steps : HG_NO_STEP - 1;
}

bool cli_read_count(const char *text, uint64_t *value)
{
    char *end;

    if (!isdigit((unsigned char)*text))
        return false;
    errno = 0;
    *value = strtoumax(text, &end, 10);
    return errno == 0 && *end == '\0';
}

bool cli_read_size(const char *text, size_t *bytes)
{
    static const char units[] = "kmgt";
    uint64_t number;
    char *end;
    unsigned shift = 0;

    if (!isdigit((unsigned char)*text))
        return false;
    errno = 0;
    number = strtoumax(text, &end, 10);
    if (*end) {
        const char *unit = strchr(units, tolower((unsigned char)*end++));
        if (!unit)
            return false;
        shift = 10 * (unsigned)(unit - units + 1);
        if (*end == 'i')
            end++;
        if (*end == 'B')
            end++;
    }
    if (errno || *end || number == 0 || number > (uint64_t)SIZE_MAX >> shift)
        return false;
    *bytes = (size_t)number << shift;
    return true;
}

static bool read_color(const char *text, int *color)
{
    static const char *const words[] = {[UI_COLOR_AUTO] = "auto",
                                        [UI_COLOR_ALWAYS] = "always",
                                        [UI_COLOR_NEVER] = "never",
                                        [UI_COLOR_16] = "16",
                                        [UI_COLOR_256] = "256"};

    for (int i = 0; i < (int)(sizeof words / sizeof *words); i++) {
        if (strcmp(text, words[i]) == 0) {
            *color = i;
            return true;
        }
    }
    return false;
}

static enum hg_status refuse(struct hg_error *error, const struct cli_option *option,
                             const char *text, const char *accepted)
{
    return hg_error_set(error, HG_USAGE, "--%s: '%s' is not accepted; accepted: %s", option->name,
                        text, accepted);
}

static enum hg_status take(struct cli_args *args, const struct cli_option *option, const char *text,
                           struct hg_error *error)
{
    void *field = (char *)args + option->offset;

    switch (option->kind) {
    case CLI_FLAG:
        *(bool *)field = true;
        break;
    case CLI_TEXT:
        if (*text == '\0')
            return refuse(error, option, text, "a file name");
        *(const char **)field = text;
        break;
    case CLI_COUNT:
        if (!cli_read_count(text, field))
            return refuse(error, option, text, "a whole number");
        args->has_steps = true;
        break;
    case CLI_SIZE:
        if (!cli_read_size(text, field))
            return refuse(error, option, text, "a whole number above 0, with K, M, G or none");
        break;
    case CLI_COLOR:
        if (!read_color(text, field))
            return refuse(error, option, text, option->help);
        break;
    case CLI_SET:
        args->settings[args->setting_count++] = (struct cli_setting){
            option->setting, text, option->setting ? option->name : "set"};
        break;
    }
    return HG_OK;
}

/* ---- words ---- */

/* By name or by an abbreviation that fits one option only. */
static enum hg_status find_long(const char *name, size_t length, const struct cli_option **found,
                                struct hg_error *error)
{
    *found = NULL;
    for (size_t i = 0; i < OPTIONS; i++) {
        if (strncmp(table[i].name, name, length) != 0)
            continue;
        if (table[i].name[length] == '\0') {
            *found = &table[i];
            return HG_OK;
        }
        if (*found)
            return hg_error_set(error, HG_USAGE, "option '--%.*s' is ambiguous: --%s or --%s",
                                (int)length, name, (*found)->name, table[i].name);
        *found = &table[i];
    }
    if (!*found || length == 0)
        return hg_error_set(error, HG_USAGE, "unknown option '--%.*s'", (int)length, name);
    return HG_OK;
}

static enum hg_status read_long(struct reader *reader, const char *word, struct cli_args *args,
                                struct hg_error *error)
{
    size_t length = strcspn(word, "=");
    const char *text = word[length] ? word + length + 1 : NULL;
    const struct cli_option *option;
    enum hg_status status = find_long(word, length, &option, error);

    if (status)
        return status;
    if (option->kind == CLI_FLAG && text)
        return hg_error_set(error, HG_USAGE, "option '--%s' takes no value", option->name);
    if (option->kind != CLI_FLAG && !text) {
        if (reader->next >= reader->argc)
            return hg_error_set(error, HG_USAGE, "option '--%s' needs a value (%s)", option->name,
                                option->value);
        text = reader->argv[reader->next++];
    }
    return take(args, option, text, error);
}

static enum hg_status read_short(struct reader *reader, struct cli_args *args,
                                 struct hg_error *error)
{
    const struct cli_option *option = NULL;
    char letter = *reader->cluster++;
    const char *text = NULL;

    for (size_t i = 0; i < OPTIONS && !option; i++) {
        if (table[i].letter == letter)
            option = &table[i];
    }
    if (!option)
        return hg_error_set(error, HG_USAGE, "unknown option '-%c'", letter);
    if (option->kind != CLI_FLAG) {
        if (*reader->cluster)
            text = reader->cluster;
        else if (reader->next < reader->argc)
            text = reader->argv[reader->next++];
        else
            return hg_error_set(error, HG_USAGE, "option '-%c' needs a value (%s)", letter,
                                option->value);
        reader->cluster = NULL;
    } else if (*reader->cluster == '\0') {
        reader->cluster = NULL;
    }
    return take(args, option, text, error);
}

/* The first operand may be a command; a file that is called like one is ./train,
 * or stands after --. */
static enum hg_status read_operand(const struct reader *reader, const char *word,
                                   struct cli_args *args, struct hg_error *error)
{
    const struct cli_command *command = NULL;

    if (!reader->only_operands && !*args->command->name && args->operand_count == 0)
        command = cli_command_find(word);
    if (command) {
        args->command = command;
        return HG_OK;
    }
    if (args->operand_count >= args->command->most)
        return hg_error_set(error, HG_USAGE, "'%s' is one operand too many", word);
    args->operands[args->operand_count++] = word;
    return HG_OK;
}

static enum hg_status read_word(struct reader *reader, struct cli_args *args,
                                struct hg_error *error)
{
    const char *word;

    if (reader->cluster)
        return read_short(reader, args, error);
    word = reader->argv[reader->next++];
    if (reader->only_operands || word[0] != '-' || word[1] == '\0')
        return read_operand(reader, word, args, error);
    if (strcmp(word, "--") == 0) {
        reader->only_operands = true;
        return HG_OK;
    }
    if (word[1] == '-')
        return read_long(reader, word + 2, args, error);
    reader->cluster = word + 1;
    return HG_OK;
}

/* Options about training where there is none to do. */
static enum hg_status check_fit(const struct cli_args *args, struct hg_error *error)
{
    const char *stray = NULL;

    if (args->recover && *args->command->name)
        stray = "recover";
    for (size_t i = 0; i < OPTIONS && !args->command->training; i++) {
        const char *field = (const char *)args + table[i].offset;
        if (!table[i].training)
            continue;
        if ((table[i].kind == CLI_TEXT && *(const char *const *)(const void *)field) ||
            (table[i].kind == CLI_FLAG && *(const bool *)field) ||
            (table[i].kind == CLI_COUNT && args->has_steps))
            stray = table[i].name;
    }
    for (size_t i = 0; i < args->setting_count && !args->command->training; i++) {
        if (strcmp(args->settings[i].origin, "epochs") == 0)
            stray = "epochs";
    }
    if (stray)
        return hg_error_set(error, HG_USAGE, "'%s' takes no option '--%s'", args->command->name,
                            stray);
    return HG_OK;
}

enum hg_status cli_args_parse(int argc, char **argv, struct cli_args *args, struct hg_error *error)
{
    struct reader reader = {.argc = argc, .argv = argv, .next = 1};
    size_t count;
    enum hg_status status = HG_OK;

    memset(args, 0, sizeof *args);
    args->command = cli_commands(&count);
    args->settings = calloc((size_t)argc + 1, sizeof *args->settings);
    if (!args->settings)
        return hg_error_set(error, HG_NO_MEMORY, "no memory for the command line");
    while (status == HG_OK && (reader.cluster || reader.next < argc)) {
        status = read_word(&reader, args, error);
        /* A later version's options are not known yet. */
        if (args->help || args->version || args->command->run == cli_later)
            return status;
    }
    return status ? status : check_fit(args, error);
}

void cli_args_fini(struct cli_args *args)
{
    free(args->settings);
    args->settings = NULL;
}
