/* engine.c - runs one case of cases.txt (standard input) and prints its tensors; see parity.py. */
#include "case.h"

static void print(const char *name, const float *values, size_t count)
{
    printf("%s", name);
    for (size_t k = 0; k < count; k++)
        printf(" %.9g", (double)values[k]);
    printf("\n");
}

int main(void)
{
    struct hg_error error = {HG_OK, ""};
    struct hg_context *context;
    struct hg_model *model;
    struct parity_case c;
    float *shown;
    char line[1024];

    if (!fgets(line, sizeof line, stdin))
        return 2;
    parity_parse(&c, line);
    if (hg_context_create(0, getenv("HOURGLASS_ISA"), 0, &context, &error)) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    model = parity_run(context, &c, &shown, &error);
    if (!model) {
        fprintf(stderr, "%s\n", error.text);
        return 1;
    }
    for (size_t t = 0; t < hg_model_tensors(model); t++) {
        struct hg_tensor_info info = hg_model_tensor(model, t);
        float *values = malloc(info.count * sizeof *values);
        if (!values)
            return 1;
        hg_model_read(model, t, HG_PART_VALUE, values);
        print(info.name, values, info.count);
        free(values);
    }
    if (!shown)
        return 1;
    print("evaluation", shown, PARITY_SHOWN * hg_model_inputs(model));
    free(shown);
    hg_model_destroy(model);
    hg_context_destroy(context);
    return 0;
}
