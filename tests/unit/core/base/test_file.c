/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/file.h"
#include "core/base/file_save.h"
#include "tests/unit/cmocka_all.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

static void a_written_file_is_read_back(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct error err = {0};
    char directory[] = "/tmp/dryrun-file-XXXXXX";
    assert_non_null(mkdtemp(directory));
    const char *path = file_join(arena, directory, "a.txt");
    assert_int_equal(file_write(path, "one\0two", 7, &err), 0);
    size_t len;
    char *bytes = file_read(arena, path, 100, &len, &err);
    assert_non_null(bytes);
    assert_int_equal(len, 7);
    assert_memory_equal(bytes, "one\0two", 8);
    assert_null(file_read(arena, path, 3, &len, &err));
    assert_int_equal(err.kind, ERROR_TOO_LARGE);
    const char **names = file_list(arena, directory, &err);
    assert_string_equal(names[0], "a.txt"); /* the temporary file is gone */
    assert_null(names[1]);
    unlink(path);
    rmdir(directory);
    arena_free(arena);
}

static void a_pipe_or_a_device_is_written_into_and_stays(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct error err = {0};
    char directory[] = "/tmp/dryrun-file-XXXXXX", got[4] = "";
    assert_non_null(mkdtemp(directory));
    const char *path = arena_printf(arena, "%s/pipe", directory);
    assert_int_equal(mkfifo(path, 0600), 0);
    int reader = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    assert_int_equal(file_write(path, "one", 3, &err), 0);
    assert_int_equal(read(reader, got, sizeof got), 3);
    assert_string_equal(got, "one");
    assert_true(file_is_special(path));
    assert_null(file_save_begin(path, &err));
    assert_non_null(strstr(err.text, "it is no regular file"));
    close(reader);
    unlink(path);
    rmdir(directory);
    arena_free(arena);
}

static void a_missing_file_is_named(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct error err = {0};
    size_t len;
    assert_null(file_read(arena, "/no/such", 10, &len, &err));
    assert_string_equal(err.text, "cannot read '/no/such': No such file or directory");
    arena_free(arena);
}

static void paths_are_joined(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    assert_string_equal(file_join(arena, "a/b", "c"), "a/b/c");
    assert_string_equal(file_join(arena, "a/", "/c"), "/c");
    assert_string_equal(file_join(arena, ".", "c"), "c");
    assert_string_equal(file_directory(arena, "a/b/c"), "a/b");
    assert_string_equal(file_directory(arena, "c"), ".");
    arena_free(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_written_file_is_read_back),
        cmocka_unit_test(a_pipe_or_a_device_is_written_into_and_stays),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(paths_are_joined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
