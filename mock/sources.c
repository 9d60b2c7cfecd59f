/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/sources.h"

#include "core/base/draw.h"
#include "core/base/file.h"
#include "core/base/str.h"
#include "core/base/strbuf.h"
#include "mock/loading.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

enum { DEPTH_MAX = 16 }; /* of directories in directories: links may lead in circles */

static bool is_left_over(const char *name)
{
    size_t len = strlen(name);
    return name[0] == '.' || (len && name[len - 1] == '~');
}

/* ---- hashes ---- */

static uint64_t hash_file(struct arena *arena, uint64_t hash, const char *path)
{
    size_t len = 0;
    const char *bytes = file_read(arena, path, LIMIT_DOCUMENT, &len, NULL);
    return draw_hash(draw_hash(hash, &len, sizeof len), bytes ? bytes : "", len);
}

static uint64_t hash_directory(uint64_t hash, const char *path, unsigned depth)
{
    struct arena *arena = arena_new();
    const char **names = file_list(arena, path, NULL);
    for (size_t i = 0; names && names[i]; i++) {
        const char *inside = file_join(arena, path, names[i]);
        if (is_left_over(names[i]))
            continue;
        hash = draw_hash_text(hash, names[i]);
        if (!file_is_directory(inside))
            hash = hash_file(arena, hash, inside);
        else if (depth < DEPTH_MAX)
            hash = hash_directory(hash, inside, depth + 1);
    }
    arena_free(arena);
    return hash;
}

static bool is_document(const char *name)
{
    static const char *const ends[] = {".yaml", ".yml", ".json"};
    size_t len = strlen(name);
    for (size_t i = 0; i < sizeof ends / sizeof *ends; i++)
        if (len > strlen(ends[i]) && text_is(name + len - strlen(ends[i]), ends[i]))
            return !is_left_over(name);
    return false;
}

/* There may be many, and large ones, that have nothing to do with it: they are not read. */
static uint64_t hash_beside(struct arena *arena, uint64_t hash, const char *directory)
{
    const char **names = file_list(arena, directory, NULL);
    for (size_t i = 0; names && names[i]; i++) {
        struct stat found;
        if (!is_document(names[i]) || stat(file_join(arena, directory, names[i]), &found))
            continue;
        const int64_t about[] = {found.st_size, (int64_t)found.st_ino, found.st_mtim.tv_sec,
                                 found.st_mtim.tv_nsec};
        hash = draw_hash(draw_hash_text(hash, names[i]), about, sizeof about);
    }
    return hash;
}

uint64_t sources_hash(const struct mock *mock, const struct slot *slot)
{
    const struct mock_options *options = &mock->options;
    struct arena *arena = arena_new();
    uint64_t hash = 1;
    if (slot->document) {
        hash = hash_file(arena, hash, slot->document->file);
        hash = hash_beside(arena, hash, file_directory(arena, slot->document->file));
    } else {
        hash = hash_directory(hash, file_join(arena, options->contracts_dir, slot->name), 0);
        hash = hash_directory(hash, file_join(arena, options->fixtures_dir, slot->name), 0);
    }
    arena_free(arena);
    return hash;
}

bool sources_are_there(const struct mock *mock, const char *name)
{
    struct arena *arena = arena_new();
    const char *contract = file_join(arena, mock->options.contracts_dir, name);
    const char *fixtures = file_join(arena, mock->options.fixtures_dir, name);
    bool are_there = file_exists(file_join(arena, contract, "lifecycle.yaml")) &&
                     file_exists(file_join(arena, fixtures, "service.yaml"));
    arena_free(arena);
    return are_there;
}

/* ---- directories ---- */

struct walk {
    void (*visit)(const char *path, void *data);
    void *data;
};

/* Where a link leads, the file may be replaced without a trace in the directory of the link. */
static void visit_target(const struct walk *walk, struct arena *arena, const char *path)
{
    struct stat found;
    char target[PATH_MAX];
    if (!lstat(path, &found) && S_ISLNK(found.st_mode) && realpath(path, target))
        walk->visit(file_directory(arena, target), walk->data);
}

/* Nothing else would tell that a root is another directory now. */
static void visit_root(const struct walk *walk, struct arena *arena, const char *path)
{
    struct stat found;
    if (!lstat(path, &found) && S_ISLNK(found.st_mode))
        walk->visit(file_directory(arena, path), walk->data);
    walk->visit(path, walk->data);
}

static void walk_directory(const struct walk *walk, const char *path, unsigned depth)
{
    struct arena *arena = arena_new();
    const char **names = file_list(arena, path, NULL);
    if (names) {
        visit_target(walk, arena, path);
        walk->visit(path, walk->data);
    }
    for (size_t i = 0; names && names[i]; i++) {
        const char *inside = file_join(arena, path, names[i]);
        visit_target(walk, arena, inside);
        if (file_is_directory(inside) && depth < DEPTH_MAX)
            walk_directory(walk, inside, depth + 1);
    }
    arena_free(arena);
}

void sources_each_directory(const struct mock *mock, void (*visit)(const char *path, void *data),
                            void *data)
{
    const struct mock_options *options = &mock->options;
    const struct walk walk = {visit, data};
    struct arena *arena = arena_new();
    if (options->provider_count || options->finds_providers) {
        visit_root(&walk, arena, options->contracts_dir);
        visit_root(&walk, arena, options->fixtures_dir);
    }
    for (size_t i = 0; i < mock->played_count; i++) {
        const struct slot *slot = &mock->loading->slots[i];
        if (slot->document) {
            visit_target(&walk, arena, slot->document->file);
            visit(file_directory(arena, slot->document->file), data);
            continue;
        }
        walk_directory(&walk, file_join(arena, options->contracts_dir, slot->name), 0);
        walk_directory(&walk, file_join(arena, options->fixtures_dir, slot->name), 0);
    }
    arena_free(arena);
}
