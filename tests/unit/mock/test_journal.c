/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world/journal.h"

#include "core/base/mem.h"
#include "tests/unit/cmocka_all.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

static void add(struct journal *journal, const char *target, struct text *body)
{
    const char *faults[] = {"latency"};
    struct journal_touched touched[] = {{"run", "r1", "DONE"}, {"step", "s1", NULL}};
    journal_add(journal, &(struct journal_record){.number = journal_number(journal),
                                                  .method = "GET",
                                                  .target = target,
                                                  .status = 200,
                                                  .response_body = body,
                                                  .faults = faults,
                                                  .fault_count = 1,
                                                  .touched = touched,
                                                  .touched_count = 2});
}

static void an_entry_keeps_what_was_recorded(void **state)
{
    (void)state;
    struct journal *journal = journal_new(0);
    struct text *body = text_copy("{}");
    char target[] = "/runs/1";
    add(journal, target, body);
    target[1] = 'X'; /* it was copied */
    struct journal_view view;
    journal_query(journal, NULL, NULL, 10, &view);
    assert_int_equal(view.count, 1);
    assert_int_equal(view.total, 1);
    const struct journal_record *record = journal_record_of(view.entries[0]);
    assert_string_equal(record->target, "/runs/1");
    assert_ptr_equal(record->response_body, body);
    assert_string_equal(record->faults[0], "latency");
    assert_string_equal(record->touched[0].state, "DONE");
    assert_string_equal(record->touched[1].id, "s1");
    assert_null(record->touched[1].state);
    assert_null(record->operation);
    text_unref(body);
    journal_free(journal);
    assert_string_equal(record->response_body->bytes, "{}"); /* the view holds it */
    journal_view_release(&view);
}

static bool is_odd(const struct journal_record *record, void *data)
{
    (void)data;
    return record->number % 2 == 1;
}

static void a_query_gives_the_newest_that_fit_in_order(void **state)
{
    (void)state;
    struct journal *journal = journal_new(0);
    for (int i = 0; i < 200; i++)
        add(journal, "/", NULL);
    struct journal_view view;
    journal_query(journal, is_odd, NULL, 3, &view);
    assert_int_equal(view.total, 100);
    assert_int_equal(view.count, 3);
    assert_int_equal(journal_record_of(view.entries[0])->number, 195);
    assert_int_equal(journal_record_of(view.entries[2])->number, 199);
    journal_view_release(&view);
    journal_clear(journal);
    assert_int_equal(journal_count(journal), 0);
    assert_int_equal(journal_bytes(journal), 0);
    journal_query(journal, NULL, NULL, 3, &view);
    assert_int_equal(view.count, 0);
    journal_view_release(&view);
    assert_int_equal(journal_number(journal), 201);
    journal_free(journal);
}

static void who_counts_on_sees_each_entry_once(void **state)
{
    (void)state;
    struct journal *journal = journal_new(0);
    uint64_t position = 0;
    for (int i = 0; i < 10; i++)
        add(journal, "/", NULL);
    assert_int_equal(journal_count_from(journal, &position, is_odd, NULL), 5);
    assert_int_equal(journal_count_from(journal, &position, is_odd, NULL), 0);
    add(journal, "/", NULL);
    assert_int_equal(journal_count_from(journal, &position, is_odd, NULL), 1);
    journal_clear(journal);
    assert_int_equal(journal_count_from(journal, &position, is_odd, NULL), 0);
    add(journal, "/", NULL);
    add(journal, "/", NULL);
    assert_int_equal(journal_count_from(journal, &position, is_odd, NULL), 1);
    assert_int_equal(journal_last(journal), 13);
    journal_free(journal);
}

static void what_had_to_make_room_is_known_by_its_newest_number(void **state)
{
    (void)state;
    struct journal *journal = journal_new(10000);
    nanos at;
    assert_int_equal(journal_dropped_last(journal, &at), 0);
    assert_true(at == INT64_MIN);
    for (int i = 0; i < 200; i++)
        add(journal, "/", NULL);
    struct journal_view view;
    journal_query(journal, NULL, NULL, SIZE_MAX, &view);
    assert_int_equal(journal_dropped_last(journal, &at),
                     journal_record_of(view.entries[0])->number - 1);
    assert_int_equal(at, 0);
    journal_view_cut(&view, 1);
    assert_int_equal(view.count, 1);
    journal_view_release(&view);
    journal_clear(journal); /* nothing is missed any more */
    assert_int_equal(journal_dropped(journal), 0);
    assert_int_equal(journal_dropped_last(journal, &at), 0);
    journal_free(journal);
}

static void bytes_never_pass_the_limit(void **state)
{
    (void)state;
    enum { LIMIT = 100000 };
    struct journal *journal = journal_new(LIMIT);
    char *large = mem_alloc(2 * LIMIT);
    memset(large, 'x', 2 * LIMIT);
    for (size_t i = 1; i < 2000; i++) {
        struct text *body = text_new(large, i * 7919 % 9000);
        add(journal, "/runs", body);
        text_unref(body);
        assert_true(journal_bytes(journal) <= LIMIT);
    }
    assert_true(journal_count(journal) > 5);
    assert_int_equal(journal_count(journal) + journal_dropped(journal), 1999);
    struct text *body = text_new(large, 2 * LIMIT); /* larger than the journal: kept without it */
    add(journal, "/big", body);
    text_unref(body);
    struct journal_view view;
    journal_query(journal, NULL, NULL, 1, &view);
    const struct journal_record *record = journal_record_of(view.entries[0]);
    assert_string_equal(record->target, "/big");
    assert_true(record->is_cut);
    assert_null(record->response_body);
    journal_view_release(&view);
    large[2 * LIMIT - 1] = '\0';
    add(journal, large, NULL); /* a target that long is cut */
    journal_query(journal, NULL, NULL, 1, &view);
    assert_int_equal(strlen(journal_record_of(view.entries[0])->target), 8192);
    journal_view_release(&view);
    mem_free(large);
    journal_free(journal);
}

static void *write_entries(void *data)
{
    for (int i = 0; i < 2000; i++)
        add(data, "/t", NULL);
    return NULL;
}

static void readers_and_writers_do_not_disturb_each_other(void **state)
{
    (void)state;
    struct journal *journal = journal_new(50000);
    pthread_t threads[2];
    for (int i = 0; i < 2; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, write_entries, journal), 0);
    for (int i = 0; i < 200; i++) {
        struct journal_view view;
        journal_query(journal, is_odd, NULL, 10, &view);
        for (size_t k = 0; k < view.count; k++)
            assert_string_equal(journal_record_of(view.entries[k])->target, "/t");
        journal_view_release(&view);
    }
    for (int i = 0; i < 2; i++)
        pthread_join(threads[i], NULL);
    assert_int_equal(journal_count(journal) + journal_dropped(journal), 4000);
    journal_free(journal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_keeps_what_was_recorded),
        cmocka_unit_test(a_query_gives_the_newest_that_fit_in_order),
        cmocka_unit_test(who_counts_on_sees_each_entry_once),
        cmocka_unit_test(what_had_to_make_room_is_known_by_its_newest_number),
        cmocka_unit_test(bytes_never_pass_the_limit),
        cmocka_unit_test(readers_and_writers_do_not_disturb_each_other),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
