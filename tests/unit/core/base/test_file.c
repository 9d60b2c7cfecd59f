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

static void a_file_in_pieces_appears_when_it_is_whole_or_not_at_all(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct error err = {0};
    struct file_sink sink;
    char directory[] = "/tmp/dryrun-file-XXXXXX";
    assert_non_null(mkdtemp(directory));
    const char *path = file_join(arena, directory, "a.txt");
    size_t len;
    assert_int_equal(file_sink_begin(&sink, path, &err), 0);
    file_sink_add(&sink, "one", 3);
    assert_false(file_exists(path));
    file_sink_add(&sink, "two", 3);
    assert_int_equal(file_sink_end(&sink, &err), 0);
    assert_string_equal(file_read(arena, path, 100, &len, &err), "onetwo");
    assert_int_equal(file_sink_begin(&sink, path, &err), 0);
    close(sink.descriptor);
    sink.descriptor = open("/dev/full", O_WRONLY | O_CLOEXEC);
    file_sink_add(&sink, "x", 1);
    file_sink_add(&sink, "y", 1);
    assert_int_equal(file_sink_end(&sink, &err), -1);
    assert_non_null(strstr(err.text, "a.txt': No space left on device"));
    assert_string_equal(file_read(arena, path, 100, &len, &err), "onetwo");
    const char **names = file_list(arena, directory, &err);
    assert_null(names[1]); /* the half one is gone */
    assert_int_equal(file_sink_begin(&sink, "/no/such/folder/a", &err), -1);
    unlink(path);
    rmdir(directory);
    arena_free(arena);
}

static void links_are_followed_also_where_nothing_is_yet(void **state)
{
    (void)state;
    struct arena *arena = arena_new();
    struct error err = {0};
    char directory[] = "/tmp/dryrun-file-XXXXXX", link[FILE_NAME_MAX];
    size_t len;
    assert_non_null(mkdtemp(directory));
    const char *first = file_join(arena, directory, "first");
    const char *second = file_join(arena, directory, "second");
    const char *file = file_join(arena, directory, "file");
    assert_int_equal(symlink("second", first), 0);
    assert_int_equal(symlink(file, second), 0);
    assert_int_equal(file_check_writable(first, &err), 0);
    assert_false(file_exists(file));
    assert_int_equal(file_write(first, "one", 3, &err), 0);
    assert_string_equal(file_read(arena, file, 100, &len, &err), "one");
    struct file_save *save = file_save_begin(first, &err);
    assert_non_null(save);
    file_save_write(save, "two", 3);
    assert_int_equal(file_save_end(save, &err), 0);
    assert_string_equal(file_read(arena, file, 100, &len, &err), "two");
    assert_true(readlink(first, link, sizeof link) > 0); /* they are links still */
    assert_true(readlink(second, link, sizeof link) > 0);
    unlink(second);
    assert_int_equal(symlink("first", second), 0); /* round and round */
    assert_int_equal(file_write(first, "one", 3, &err), -1);
    assert_null(file_save_begin(first, &err));
    assert_non_null(strstr(err.text, "Too many levels of symbolic links"));
    unlink(first);
    unlink(second);
    unlink(file);
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
        cmocka_unit_test(a_file_in_pieces_appears_when_it_is_whole_or_not_at_all),
        cmocka_unit_test(links_are_followed_also_where_nothing_is_yet),
        cmocka_unit_test(a_missing_file_is_named),
        cmocka_unit_test(paths_are_joined),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
