#include "base/file.h"
#include "base/mem.h"

#include <string.h>
#include <strings.h>
#include <unistd.h>

const char *hg__path_base(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? slash + 1 : path;
}

char *hg__path_folder(const char *path)
{
    const char *slash = strrchr(path, '/');

    if (!slash)
        return hg__strdup(".");
    while (slash > path && slash[-1] == '/')
        slash--;
    return slash == path ? hg__strdup("/") : hg__strndup(path, (size_t)(slash - path));
}

char *hg__path_join(const char *folder, const char *name)
{
    size_t length = strlen(folder), more = strlen(name);
    bool slash = length > 0 && folder[length - 1] != '/';
    char *path;

    if (name[0] == '/' || length == 0)
        return hg__strdup(name);
    path = hg__alloc(length + more + 2, 1);
    if (!path)
        return NULL;
    memcpy(path, folder, length);
    if (slash)
        path[length++] = '/';
    memcpy(path + length, name, more);
    return path;
}

/* Removes "./" and "//" in place; ".." would be wrong behind a symbolic link. */
static void tidy(char *path)
{
    char *out = path;

    for (const char *in = path; *in;) {
        if (in[0] == '/' && in[1] == '/')
            in++;
        else if (in[0] == '/' && in[1] == '.' && (in[2] == '/' || !in[2]))
            in += 2;
        else
            *out++ = *in++;
    }
    if (out > path + 1 && out[-1] == '/')
        out--;
    if (out == path)
        *out++ = '/';
    *out = '\0';
}

char *hg__path_absolute(const char *path)
{
    char *here = NULL, *absolute;

    if (path[0] != '/') {
        here = getcwd(NULL, 0);
        if (!here)
            return NULL;
    }
    absolute = hg__path_join(here ? here : "", path);
    if (here)
        hg__free(here);
    if (absolute)
        tidy(absolute);
    return absolute;
}

bool hg__path_ends(const char *path, const char *suffix)
{
    size_t length = strlen(path), end = strlen(suffix);
    return length >= end && strcasecmp(path + length - end, suffix) == 0;
}
