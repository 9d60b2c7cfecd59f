/* SPDX-License-Identifier: Apache-2.0 */
/* The documents that OpenAPI's own tests accept and refuse, by structure
 * (runner/arazzo/structure.h). */
#include "core/base/file.h"
#include "core/base/str.h"
#include "core/data/load.h"
#include "runner/arazzo/structure.h"
#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>

static const char *shared_folder(struct arena *arena)
{
    const char *shared = getenv("DRYRUN_SHARED");
    const char *path =
        file_join(arena, shared ? shared : SOURCE_DIR "/../shared", "oai-schemas/arazzo");
    if (file_is_directory(path))
        return path;
    printf("skipped: '%s' is not there (set DRYRUN_SHARED)\n", path);
    exit(77);
}

/* Every document of the folder is taken, or none is; gives how many there were. */
static size_t check_folder(const char *name, bool is_wanted)
{
    struct arena *arena = arena_new();
    struct error err = {0};
    const char *folder = file_join(arena, shared_folder(arena), name);
    const char **files = file_list(arena, folder, &err);
    size_t count = 0;
    assert_non_null(files);
    for (; files[count]; count++) {
        const char *path = file_join(arena, folder, files[count]);
        struct findings findings = {0};
        struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
        const cJSON *document = load_document(arena, path, &findings);
        if (!findings.errors)
            arazzo_structure_check(document, path, &findings);
        findings_print(&findings, &text);
        if (is_wanted != !findings.errors)
            fail_msg("%s: expected to be %s\n%s", path, is_wanted ? "taken" : "refused", text.buf);
        strbuf_release(&text);
        findings_release(&findings);
    }
    arena_free(arena);
    printf("%s: %zu documents\n", name, count);
    return count;
}

static void documents_of_1_0_that_are_right_are_taken(void **state)
{
    (void)state;
    assert_true(check_folder("1.0/fixtures/pass", true) >= 3);
}

static void documents_of_1_0_that_are_wrong_are_refused(void **state)
{
    (void)state;
    assert_true(check_folder("1.0/fixtures/fail", false) >= 1);
}

static void documents_of_1_1_that_are_right_are_taken(void **state)
{
    (void)state;
    assert_true(check_folder("1.1/fixtures/pass", true) >= 30);
}

static void documents_of_1_1_that_are_wrong_are_refused(void **state)
{
    (void)state;
    assert_true(check_folder("1.1/fixtures/fail", false) >= 20);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(documents_of_1_0_that_are_right_are_taken),
        cmocka_unit_test(documents_of_1_0_that_are_wrong_are_refused),
        cmocka_unit_test(documents_of_1_1_that_are_right_are_taken),
        cmocka_unit_test(documents_of_1_1_that_are_wrong_are_refused),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
