/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/data_dirs.h"

#include "core/base/file.h"
#include "core/base/str.h"
#include "core/provider/provider.h"

#include <limits.h>
#include <stdlib.h>
#include <unistd.h>

/* The directory of the running program, or NULL where the system does not tell. */
static const char *program_directory(struct arena *arena)
{
    char path[PATH_MAX];
    ssize_t len = readlink("/proc/self/exe", path, sizeof path - 1);
    if (len <= 0)
        return NULL;
    path[len] = '\0';
    return file_directory(arena, path);
}

static const char *find_root(struct arena *arena)
{
    static const char *const beside[] = {"../../", "../share/dryrun"};
    const char *named = getenv("DRYRUN_DATA");
    if (named && *named)
        return named;
    if (file_is_directory("contracts"))
        return "";
    const char *program = program_directory(arena);
    for (size_t i = 0; program && i < sizeof beside / sizeof *beside; i++) {
        char root[PATH_MAX]; /* without "..": it stands in every report and X-Dryrun-Rule */
        if (realpath(file_join(arena, program, beside[i]), root) &&
            file_is_directory(file_join(arena, root, "contracts")))
            return arena_strdup(arena, root);
    }
    return "";
}

static const char *inside(struct arena *arena, const char *root, const char *name)
{
    return *root ? file_join(arena, root, name) : name;
}

int data_dirs_find_contracts(struct arena *arena, const char *contracts, const char *fixtures,
                             struct data_dirs *dirs, struct error *err)
{
    const char *root = contracts && fixtures ? "" : find_root(arena);
    const char *usual = contracts ? "" : inside(arena, root, "fixtures");
    if (fixtures || file_is_directory(usual))
        return data_dirs_find(arena, contracts, fixtures ? fixtures : usual, dirs, err);
    *dirs = (struct data_dirs){contracts ? contracts : inside(arena, root, "contracts"), NULL};
    return file_is_directory(dirs->contracts)
               ? 0
               : fail(err, ERROR_NOT_FOUND, "no directory '%s': say where with --contracts",
                      dirs->contracts);
}

int data_dirs_find(struct arena *arena, const char *contracts, const char *fixtures,
                   struct data_dirs *dirs, struct error *err)
{
    const char *root = contracts && fixtures ? "" : find_root(arena);
    dirs->contracts = contracts ? contracts : inside(arena, root, "contracts");
    dirs->fixtures = fixtures ? fixtures : inside(arena, root, "fixtures");
    if (!file_is_directory(dirs->contracts))
        return fail(err, ERROR_NOT_FOUND, "no directory '%s': say where with --contracts",
                    dirs->contracts);
    if (!file_is_directory(dirs->fixtures))
        return fail(err, ERROR_NOT_FOUND, "no directory '%s': say where with --fixtures",
                    dirs->fixtures);
    return 0;
}

/* Where there is a lifecycle, it says what the document is called. */
static bool has_contract(struct arena *arena, const char *folder)
{
    return file_exists(file_join(arena, folder, "openapi.yaml")) ||
           file_exists(file_join(arena, folder, "lifecycle.yaml"));
}

const char **data_dirs_providers(struct arena *arena, const struct data_dirs *dirs,
                                 struct error *err)
{
    const char **names = provider_list(arena, dirs->contracts, err);
    size_t kept = 0;
    if (!names)
        return NULL;
    for (size_t i = 0; names[i]; i++) {
        const char *folder =
            file_join(arena, dirs->fixtures ? dirs->fixtures : dirs->contracts, names[i]);
        if (dirs->fixtures ? file_exists(file_join(arena, folder, "service.yaml"))
                           : has_contract(arena, folder))
            names[kept++] = names[i];
    }
    names[kept] = NULL;
    return names;
}

int data_dirs_check(struct arena *arena, const struct data_dirs *dirs, const char *const *names,
                    size_t count, struct error *err)
{
    const char **known = data_dirs_providers(arena, dirs, err);
    size_t known_count = 0;
    if (!known)
        return -1;
    while (known[known_count])
        known_count++;
    for (size_t i = 0; i < count; i++) {
        bool found = false;
        for (size_t j = 0; j < known_count && !found; j++)
            found = text_is(known[j], names[i]);
        const char *near = found ? NULL : text_nearest_of(names[i], known, known_count);
        if (near)
            return fail(err, ERROR_NOT_FOUND, "unknown provider '%s' (did you mean '%s'?)",
                        names[i], near);
        if (!found)
            return fail(err, ERROR_NOT_FOUND,
                        "unknown provider '%s': there is none of that name in '%s'%s%s%s", names[i],
                        dirs->contracts, dirs->fixtures ? " and '" : "",
                        dirs->fixtures ? dirs->fixtures : "", dirs->fixtures ? "'" : "");
    }
    return 0;
}
