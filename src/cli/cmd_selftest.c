#include "cli/say.h"
#include "cli/selftest.h"
#include "cli/setup.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* In the order of docs/experiments.md. */
static const struct system {
    const char *name;
    enum hg_status (*run)(struct cli_selftest *self);
} systems[] = {
    {"digits", cli_selftest_digits},  {"two-digits", cli_selftest_two},
    {"faces", cli_selftest_faces},    {"stack-gradient", cli_selftest_stack},
    {"mean-trap", cli_selftest_trap}, {"clusters", cli_selftest_clusters},
    {"conv5", cli_selftest_conv},     {"conv5-code", cli_selftest_conv_code},
};
enum { SYSTEMS = sizeof systems / sizeof *systems };

/* The experiments are what they are: only threads, the first seed and memory can be chosen. */
static enum hg_status check_args(const struct cli_args *args, struct hg_error *error)
{
    for (size_t i = 0; i < args->setting_count; i++)
        if (!args->settings[i].name)
            return hg_error_set(error, HG_USAGE,
                                "--set: selftest has its own experiments; accepted: --threads, "
                                "--seed, --max-memory");
    for (size_t i = 0; i < args->operand_count; i++) {
        bool known = false;
        for (size_t k = 0; k < SYSTEMS; k++)
            known = known || strcmp(args->operands[i], systems[k].name) == 0;
        if (!known)
            return hg_error_set(error, HG_USAGE,
                                "'%s' is no experiment of selftest; accepted: digits, two-digits, "
                                "faces, stack-gradient, mean-trap, clusters, conv5, conv5-code",
                                args->operands[i]);
    }
    return HG_OK;
}

static bool wanted(const struct cli_args *args, const char *name)
{
    for (size_t i = 0; i < args->operand_count; i++)
        if (strcmp(args->operands[i], name) == 0)
            return true;
    return args->operand_count == 0;
}

static int run_all(const struct cli_args *args, const struct cli_setup *setup)
{
    struct cli_selftest self = {.context = setup->context,
                                .seed = (uint64_t)setup->spec.model.seed,
                                .talk = !args->quiet && isatty(STDERR_FILENO) == 1};

    for (size_t i = 0; i < SYSTEMS; i++) {
        enum hg_status status = HG_OK;
        if (!wanted(args, systems[i].name))
            continue;
        self.system = systems[i].name;
        cli_selftest_tell(&self, "%s", self.system);
        status = systems[i].run(&self);
        cli_selftest_hush(&self);
        if (status)
            return cli_fail(&self.error);
    }
    return cli_judge_status(&self);
}

int cli_selftest(const struct cli_args *args)
{
    struct cli_args given = *args;
    struct cli_setup setup;
    struct hg_error error;
    int result;

    if (check_args(args, &error))
        return cli_fail(&error);
    given.operand_count = 0;
    if (cli_setup_open(&given, false, &setup, &error))
        result = cli_fail(&error);
    else if (args->print_config)
        result = cli_print_config(&setup);
    else
        result = run_all(args, &setup);
    cli_setup_fini(&setup);
    return result;
}
