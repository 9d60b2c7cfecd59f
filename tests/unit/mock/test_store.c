/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/world/store.h"

#include "core/base/draw.h"
#include "core/base/mem.h"
#include "tests/unit/cmocka_all.h"

#include <pthread.h>
#include <stdio.h>
#include <string.h>

enum { RUN, STEP, KINDS };
enum { QUEUED, WORKING, DONE, STATES };
enum { BY_RUN = 0 };

static const enum column_type run_columns[] = {COLUMN_INTEGER, COLUMN_TEXT};
static const struct order_shape run_orders[] = {{.column = ORDER_BY_BIRTH}, {.column = 1}};
static const struct kind_shape kinds[KINDS] = {
    {"run", STATES, run_columns, 2, run_orders, 2, 1},
    {"step", STATES, NULL, 0, NULL, 0, 1},
};

static struct resource *add_n(struct store *store, struct birth birth, size_t text_len,
                              struct error *err)
{
    char bytes[4096];
    memset(bytes, 'x', sizeof bytes);
    struct text *view = text_new(bytes, text_len);
    birth.at = 100;
    birth.cause = &(struct move_cause){.name = "test"};
    birth.data.view = view;
    struct resource *resource = store_add(store, &birth, err);
    text_unref(view);
    return resource;
}

static struct resource *add(struct store *store, unsigned kind, const char *id, const char *link)
{
    struct birth birth = {.kind = kind, .id = id, .data = {.links = link ? &link : NULL}};
    return add_n(store, birth, 10, NULL);
}

static void finds_by_kind_owner_and_id(void **state)
{
    (void)state;
    struct store *store = store_new(kinds, KINDS, 0);
    struct resource *run = add(store, RUN, "a", NULL), *step = add(store, STEP, "a", NULL);
    struct resource *scoped =
        add_n(store, (struct birth){.kind = STEP, .id = "a", .owner = "t1"}, 1, NULL);
    struct resource *other =
        add_n(store, (struct birth){.kind = STEP, .id = "a", .owner = "t2"}, 1, NULL);
    assert_ptr_equal(store_find(store, RUN, NULL, "a"), run);
    assert_ptr_equal(store_find(store, STEP, NULL, "a"), step);
    assert_ptr_equal(store_find(store, STEP, "t1", "a"), scoped);
    assert_ptr_equal(store_find(store, STEP, "t2", "a"), other);
    assert_null(store_find(store, STEP, "t3", "a"));
    size_t count;
    assert_non_null(store_find_any(store, STEP, "a", &count));
    assert_int_equal(count, 3);
    store_delete(store, step, 1, NULL);
    store_delete(store, scoped, 1, NULL);
    assert_ptr_equal(store_find_any(store, STEP, "a", &count), other);
    assert_int_equal(count, 1);
    assert_null(store_find_any(store, STEP, "b", NULL));
    assert_null(store_find(store, RUN, NULL, "b"));
    struct error err = {0};
    assert_null(add_n(store, (struct birth){.kind = RUN, .id = "a"}, 1, &err));
    assert_int_equal(err.kind, ERROR_CONFLICT);
    store_free(store);
}

static void a_text_outlives_its_resource(void **state)
{
    (void)state;
    struct store *store = store_new(kinds, KINDS, 0);
    struct resource *run = add(store, RUN, "a", NULL);
    struct text *view = text_ref(run->view), *fresh = text_copy("{\"n\":2}");
    assert_int_equal(store_change(store, run, &(struct resource_data){.view = fresh}, NULL), 0);
    assert_string_equal(run->view->bytes, "{\"n\":2}");
    assert_int_equal(run->version, 2);
    store_delete(store, run, 200, NULL);
    assert_null(store_find(store, RUN, NULL, "a"));
    text_unref(fresh);
    store_free(store);
    assert_int_equal(view->len, 10);
    assert_string_equal(view->bytes, "xxxxxxxxxx");
    text_unref(view);
}

static void moves_are_logged_and_bounded(void **state)
{
    (void)state;
    struct store *store = store_new(kinds, KINDS, 0);
    struct resource *run = add(store, RUN, "a", NULL);
    static const struct place place = {"here.yaml", 3, 5};
    const struct move_cause begin = {CAUSE_OPERATION, "begin", &place, 7};
    store_set_state(store, run, WORKING, 250, &begin);
    assert_int_equal(run->moves.count, 2);
    assert_int_equal(run->moves.items[0].from, MOVE_ABSENT);
    assert_int_equal(run->moves.items[1].from, QUEUED);
    assert_int_equal(run->moves.items[1].to, WORKING);
    assert_int_equal(run->moves.items[1].at, 250);
    struct move_cause cause = store_cause(store, &run->moves.items[1]);
    assert_string_equal(cause.name, "begin");
    assert_int_equal(cause.kind, CAUSE_OPERATION);
    assert_int_equal(cause.exchange, 7);
    assert_ptr_equal(cause.place, &place);
    assert_string_equal(store_cause(store, &run->moves.items[0]).name, "test");
    assert_int_equal(run->entered, 250);
    assert_int_equal(run->born, 100);
    for (int i = 0; i < 5000; i++)
        store_set_state(store, run, (uint8_t)(i % 2), 300 + i, NULL);
    assert_true(run->moves.count <= MOVES_KEPT);
    assert_int_equal(run->moves.dropped + run->moves.count, 5002);
    assert_int_equal(run->moves.items[run->moves.count - 1].sequence, store_sequence(store));
    store_free(store);
}

static void a_held_resource_stays_readable(void **state)
{
    (void)state;
    struct store *store = store_new(kinds, KINDS, 0);
    struct resource *run = store_hold(add(store, RUN, "a", NULL));
    store_delete(store, run, 200, NULL);
    assert_true(run->is_deleted);
    assert_string_equal(run->id, "a");
    assert_int_equal(run->moves.items[1].to, MOVE_ABSENT);
    struct resource *again = add(store, RUN, "a", NULL);
    assert_non_null(again);
    assert_ptr_not_equal(again, run);
    store_drop(store, run);
    assert_ptr_equal(store_find(store, RUN, NULL, "a"), again);
    store_free(store);
}

static int released;

static void release_outcome(void *outcome)
{
    released += *(int *)outcome;
}

static void an_outcome_is_released_with_its_resource(void **state)
{
    (void)state;
    int one = 1, ten = 10;
    released = 0;
    struct store *store = store_new(kinds, KINDS, 0);
    store_on_release(store, release_outcome);
    add(store, RUN, "a", NULL)->outcome = &one;
    add(store, RUN, "b", NULL)->outcome = &ten;
    store_delete(store, store_find(store, RUN, NULL, "a"), 1, NULL);
    assert_int_equal(released, 1);
    store_free(store);
    assert_int_equal(released, 11);
}

static void links_are_read_backwards_in_birth_order(void **state)
{
    (void)state;
    struct store *store = store_new(kinds, KINDS, 0);
    struct resource *s1 = add(store, STEP, "1", "run"), *s2 = add(store, STEP, "2", NULL),
                    *s3 = add(store, STEP, "3", "run");
    assert_int_equal(store_related_count(store, STEP, BY_RUN, "run", UINT64_MAX), 2);
    const char *link = "run"; /* set late, it still stands where it was born */
    struct text *view = text_copy("{}");
    struct resource_data data = {.view = view, .links = &link};
    assert_int_equal(store_change(store, s2, &data, NULL), 0);
    assert_ptr_equal(store_related_first(store, STEP, BY_RUN, "run"), s1);
    assert_ptr_equal(store_related_next(s1, BY_RUN), s2);
    assert_ptr_equal(store_related_next(s2, BY_RUN), s3);
    assert_null(store_related_next(s3, BY_RUN));
    assert_ptr_equal(store_related_last(store, STEP, BY_RUN, "run"), s3);
    assert_ptr_equal(store_related_previous(s3, BY_RUN), s2);
    assert_string_equal(store_link_target(s2, BY_RUN), "run");
    store_set_state(store, s1, DONE, 5, NULL);
    store_set_state(store, s3, WORKING, 5, NULL);
    assert_int_equal(store_related_count(store, STEP, BY_RUN, "run", 1u << DONE), 1);
    assert_int_equal(store_related_count(store, STEP, BY_RUN, "run", 1u << DONE | 1u << QUEUED), 2);
    store_delete(store, s1, 6, NULL);
    assert_ptr_equal(store_related_first(store, STEP, BY_RUN, "run"), s2);
    assert_int_equal(store_related_count(store, STEP, BY_RUN, "run", 1u << DONE), 0);
    assert_null(store_related_first(store, STEP, BY_RUN, "other"));
    data.links = NULL;
    assert_int_equal(store_change(store, s2, &data, NULL), 0);
    assert_ptr_equal(store_related_first(store, STEP, BY_RUN, "run"), s3);
    store_delete(store, s3, 6, NULL);
    assert_null(store_related_first(store, STEP, BY_RUN, "run"));
    text_unref(view);
    store_free(store);
}

static void a_full_world_refuses_and_stays_as_it_was(void **state)
{
    (void)state;
    struct store *store = store_new(kinds, KINDS, 100000);
    struct error err = {0};
    char id[16];
    int count = 0;
    do {
        snprintf(id, sizeof id, "%d", count++);
    } while (add_n(store, (struct birth){.kind = RUN, .id = id}, 1000, &err));
    assert_int_equal(err.kind, ERROR_TOO_LARGE);
    assert_true(store_bytes(store) <= 100000);
    assert_true(count > 40);
    assert_int_equal(store_count(store, RUN), count - 1);
    assert_null(store_find(store, RUN, NULL, id));
    struct resource *run = store_find(store, RUN, NULL, "0");
    char *large = mem_alloc(100000);
    struct text *text = text_new(large, 99999);
    assert_int_equal(store_change(store, run, &(struct resource_data){.view = text}, &err), -1);
    assert_int_equal(run->view->len, 1000);
    text_unref(text);
    mem_free(large);
    store_delete(store, run, 1, NULL); /* room again */
    assert_non_null(add_n(store, (struct birth){.kind = RUN, .id = id}, 900, NULL));
    store_free(store);
}

static void ten_thousand_random_changes_keep_it_consistent(void **state)
{
    (void)state;
    struct store *store = store_new(kinds, KINDS, 0);
    size_t empty = store_bytes(store);
    struct draw draw = draw_from(1);
    bool there[300] = {false};
    for (int i = 0; i < 10000; i++) {
        unsigned n = (unsigned)draw_below(&draw, 300);
        char id[16], link[16];
        snprintf(id, sizeof id, "%u", n);
        snprintf(link, sizeof link, "%u", n % 7);
        struct resource *found = store_find(store, RUN, NULL, id);
        assert_int_equal(found != NULL, there[n]);
        if (!found)
            add(store, RUN, id, link);
        else if (draw_below(&draw, 2))
            store_set_state(store, found, (uint8_t)draw_below(&draw, STATES), i, NULL);
        else
            store_delete(store, found, i, NULL);
        there[n] = store_find(store, RUN, NULL, id) != NULL;
    }
    size_t listed = 0, counted = 0;
    for (unsigned i = 0; i < 7; i++) {
        char link[16];
        snprintf(link, sizeof link, "%u", i);
        uint64_t last = 0;
        for (struct resource *row = store_related_first(store, RUN, 0, link); row;
             row = store_related_next(row, 0)) {
            assert_true(row->serial > last);
            last = row->serial;
            listed++;
        }
        for (unsigned s = 0; s < STATES; s++)
            counted += store_related_count(store, RUN, 0, link, UINT64_C(1) << s);
    }
    assert_int_equal(listed, store_count(store, RUN));
    assert_int_equal(counted, listed);
    for (unsigned n = 0; n < 300; n++) {
        char id[16];
        snprintf(id, sizeof id, "%u", n);
        if (there[n])
            store_delete(store, store_find(store, RUN, NULL, id), 1, NULL);
    }
    assert_int_equal(store_count(store, RUN), 0);
    assert_true(store_bytes(store) - empty < 64 * 1024); /* arrays and tables keep their size */
    store_free(store);
}

/* ---- another shape ---- */

static void fill_anew(struct resource *resource, struct resource_data *data, void *how)
{
    static const struct column_value columns[] = {{.is_set = true, .text = STR_LITERAL("z")}};
    static const char *const links[] = {NULL, "t2", "t3"};
    (*(int *)how)++;
    data->view = text_copy(resource->id);
    data->columns = columns;
    data->links = links;
}

static void filled_anew(struct resource_data *data, void *how)
{
    (void)how;
    text_unref(data->view);
}

static void another_shape_keeps_resources_with_their_history(void **state)
{
    (void)state;
    static const enum column_type columns[] = {COLUMN_TEXT};
    static const struct order_shape orders[] = {{.column = ORDER_BY_BIRTH}};
    static const struct kind_shape shape = {"run", STATES + 1, columns, 1, orders, 1, 3};
    static const uint8_t states[] = {0, 3, 1}; /* WORKING is the last now, DONE before it */
    int count = 0;
    struct store *store = store_new(kinds, KINDS, 0);
    size_t empty = store_bytes(store);
    struct resource *first = add(store, RUN, "a", "t1"), *second = add(store, RUN, "b", "t1");
    struct resource *step = add(store, STEP, "a", "t1");
    store_set_state(store, first, WORKING, 5, NULL);
    store_set_state(store, first, DONE, 6, NULL);
    store_set_state(store, second, WORKING, 7, NULL);
    store_reshape(store, RUN, &(struct reshaping){&shape, states, fill_anew, filled_anew, &count});
    assert_int_equal(count, 2);
    assert_ptr_equal(store_find(store, RUN, NULL, "a"), first);
    assert_int_equal(first->state, 1);
    assert_int_equal(second->state, 3);
    assert_int_equal(first->moves.items[1].to, 3);
    assert_int_equal(first->moves.items[0].from, MOVE_ABSENT);
    assert_string_equal(first->view->bytes, "a");
    assert_null(store_related_first(store, RUN, 0, "t1"));
    assert_ptr_equal(store_related_first(store, RUN, 1, "t2"), first);
    assert_ptr_equal(store_related_last(store, RUN, 2, "t3"), second);
    assert_int_equal(store_related_count(store, RUN, 2, "t3", UINT64_C(1) << 3), 1);
    assert_ptr_equal(store_related_first(store, STEP, 0, "t1"), step);
    store_delete(store, first, 8, NULL);
    store_delete(store, second, 8, NULL);
    store_delete(store, step, 8, NULL);
    assert_true(store_bytes(store) - empty < 8 * 1024);
    store_free(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(another_shape_keeps_resources_with_their_history),
        cmocka_unit_test(finds_by_kind_owner_and_id),
        cmocka_unit_test(a_text_outlives_its_resource),
        cmocka_unit_test(moves_are_logged_and_bounded),
        cmocka_unit_test(a_held_resource_stays_readable),
        cmocka_unit_test(an_outcome_is_released_with_its_resource),
        cmocka_unit_test(links_are_read_backwards_in_birth_order),
        cmocka_unit_test(a_full_world_refuses_and_stays_as_it_was),
        cmocka_unit_test(ten_thousand_random_changes_keep_it_consistent),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
