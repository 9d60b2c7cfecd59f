/* SPDX-License-Identifier: Apache-2.0 */
/* The compliance suite of JSONPath, read by our own reader; exit code 77 when it is not there. */
#include "core/base/file.h"
#include "core/data/json.h"
#include "core/data/jsonpath.h"

#include <stdio.h>
#include <stdlib.h>

static const cJSON *load_suite(struct arena *arena)
{
    const char *shared = getenv("DRYRUN_SHARED");
    const char *path =
        file_join(arena, shared ? shared : SOURCE_DIR "/../shared", "jsonpath-compliance/cts.json");
    size_t len;
    struct error err = {0};
    if (!file_exists(path)) {
        printf("skipped: no '%s'\n", path);
        exit(77);
    }
    const char *bytes = file_read(arena, path, LIMIT_DOCUMENT, &len, &err);
    const cJSON *suite = bytes ? json_parse(arena, bytes, len, NULL, &err) : NULL;
    if (!suite) {
        printf("'%s': %s\n", path, err.text);
        exit(1);
    }
    return tree_get(suite, "tests");
}

static bool are_equal(const cJSON *wanted, const cJSON **found, size_t count)
{
    if (!wanted || tree_count(wanted) != count)
        return false;
    for (size_t i = 0; i < count; i++)
        if (!tree_equal(tree_at(wanted, i), found[i]))
            return false;
    return true;
}

static bool passes(struct arena *arena, const cJSON *test)
{
    struct error err = {0};
    const struct jsonpath *path = jsonpath_compile(arena, tree_get_text(test, "selector"), &err);
    if (tree_is_true(tree_get(test, "invalid_selector")))
        return !path && *err.text;
    if (!path) {
        printf("%s\n", err.text);
        return false;
    }
    size_t count;
    const cJSON **found = jsonpath_select(arena, path, tree_get(test, "document"), &count);
    if (are_equal(tree_get(test, "result"), found, count))
        return true;
    const cJSON *one;
    cJSON_ArrayForEach (one, tree_get(test, "results"))
        if (are_equal(one, found, count))
            return true;
    return false;
}

int main(void)
{
    struct arena *arena = arena_new();
    size_t passed = 0, count = 0;
    const cJSON *test;
    cJSON_ArrayForEach (test, load_suite(arena)) {
        bool good = passes(arena, test);
        if (!good)
            printf("FAILED %s: %s\n", tree_get_text(test, "name"), tree_get_text(test, "selector"));
        passed += good;
        count++;
    }
    printf("%zu of %zu cases\n", passed, count);
    arena_free(arena);
    return passed == count && count >= 703 ? 0 : 1;
}
