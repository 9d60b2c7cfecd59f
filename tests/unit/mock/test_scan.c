/* SPDX-License-Identifier: Apache-2.0 */
/* Every scan is compared with what a plain sort and filter of all rows gives. */
#include "mock/world/scan.h"

#include "core/base/draw.h"
#include "core/base/mem.h"
#include "mock/world/index.h"
#include "mock/world/store.h"
#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIME, TITLE, COST, SOURCE, COLUMNS };
enum { BIRTH, TIMES, TIMES_TIES, TITLES, COSTS_LAST, ORDERS };
enum { ROWS = 6000 };

static const enum column_type columns[COLUMNS] = {COLUMN_INTEGER, COLUMN_TEXT, COLUMN_REAL,
                                                  COLUMN_TEXT};
static const struct order_shape orders[ORDERS] = {
    [BIRTH] = {.column = ORDER_BY_BIRTH},
    [TIMES] = {.column = TIME},
    [TIMES_TIES] = {.column = TIME, .ties_reversed = true},
    [TITLES] = {.column = TITLE},
    [COSTS_LAST] = {.column = COST, .absent_last = true},
};
static const struct kind_shape kind = {"run", 4, columns, COLUMNS, orders, ORDERS, 0};

struct model {
    struct column_value values[COLUMNS];
    char title[40];
    struct resource *row;
};

static struct model models[ROWS];
static const char *const sources[] = {"API", "CLI", "LINEAR", "SLACK"};

static void draw_model(struct draw *draw, struct model *model)
{
    static const char *const stems[] = {"fix the parser", "fix", "", "fix the parser of",
                                        "\xc3\xa9t\xc3\xa9"};
    const char *stem = stems[draw_below(draw, 5)];
    snprintf(model->title, sizeof model->title, "%s%.*s", stem, (int)draw_below(draw, 3), "zz");
    model->values[TIME] = (struct column_value){true, (int64_t)draw_below(draw, 50) - 10, {0}};
    model->values[TITLE] =
        (struct column_value){draw_below(draw, 5) > 0, 0, str_from(model->title)};
    model->values[COST] =
        (struct column_value){draw_below(draw, 4) > 0, column_real(draw_unit(draw) * 20 - 10), {0}};
    model->values[SOURCE] =
        (struct column_value){draw_below(draw, 9) > 0, 0, str_from(sources[draw_below(draw, 4)])};
}

static struct store *fill(struct draw *draw, size_t count, bool is_thin)
{
    struct store *store = store_new(&kind, 1, 0);
    struct text *view = text_copy("{}");
    for (size_t i = 0; i < count; i++) {
        char id[24];
        snprintf(id, sizeof id, "%zu", i);
        draw_model(draw, &models[i]);
        models[i].row =
            store_add(store,
                      &(struct birth){.id = id,
                                      .state = (uint8_t)draw_below(draw, 4),
                                      .data = {.view = view, .columns = models[i].values}},
                      NULL);
        models[i].row->outcome = &models[i];
    }
    /* Half of them change afterwards, so that blocks split in the middle; where most
     * are deleted they join. */
    for (size_t i = 0; i < count; i += 2) {
        draw_model(draw, &models[i]);
        struct resource_data data = {.view = view, .columns = models[i].values};
        assert_int_equal(store_change(store, models[i].row, &data, NULL), 0);
    }
    for (size_t i = 0; i < count; i++) {
        if (is_thin ? i % 16 == 0 : i % 5 != 0)
            continue;
        store_delete(store, models[i].row, 1, NULL);
        models[i].row = NULL;
    }
    for (size_t i = 0; is_thin && i < count; i += 32) { /* into blocks that have been joined */
        draw_model(draw, &models[i]);
        struct resource_data data = {.view = view, .columns = models[i].values};
        assert_int_equal(store_change(store, models[i].row, &data, NULL), 0);
    }
    text_unref(view);
    return store;
}

/* The naive answer */

static const struct scan *sorting;

static int compare_values(int column, const struct column_value *a, const struct column_value *b,
                          bool absent_last)
{
    if (a->is_set != b->is_set)
        return (a->is_set ? 1 : -1) * (absent_last ? -1 : 1);
    if (!a->is_set)
        return 0;
    if (columns[column] != COLUMN_TEXT)
        return (a->number > b->number) - (a->number < b->number);
    return strcmp(a->text.ptr, b->text.ptr);
}

static int compare_models(const struct column_value *a, uint64_t a_serial, const struct model *b)
{
    const struct order_shape *shape = &orders[sorting->order];
    int result = 0;
    if (shape->column >= 0)
        result = compare_values(shape->column, a, &b->values[shape->column], shape->absent_last);
    if (!result) {
        result = a_serial < b->row->serial ? -1 : a_serial > b->row->serial;
        result = shape->ties_reversed ? -result : result;
    }
    return sorting->is_backward ? -result : result;
}

static int compare_rows(const void *left, const void *right)
{
    const struct model *a = *(struct model *const *)left, *b = *(struct model *const *)right;
    int column = orders[sorting->order].column;
    return compare_models(column >= 0 ? &a->values[column] : NULL, a->row->serial, b);
}

static bool fits_naively(const struct model *model, const struct predicate *p)
{
    if (p->test == TEST_STATE)
        return p->states >> model->row->state & 1;
    const struct column_value *value = &model->values[p->column];
    if (p->test == TEST_SET || p->test == TEST_UNSET)
        return value->is_set == (p->test == TEST_SET);
    size_t count = p->test == TEST_IN || p->test == TEST_NOT_IN ? p->count : 1;
    bool is_among = false;
    for (size_t i = 0; i < count; i++)
        is_among |= compare_values(p->column, value, &p->values[i], false) == 0;
    if (p->test == TEST_EQUAL || p->test == TEST_IN)
        return is_among;
    if (p->test == TEST_NOT_IN)
        return !is_among;
    if (!value->is_set || !p->values[0].is_set)
        return false;
    int result = compare_values(p->column, value, &p->values[0], false);
    return p->test == TEST_LESS         ? result < 0
           : p->test == TEST_LESS_EQUAL ? result <= 0
           : p->test == TEST_GREATER    ? result > 0
                                        : result >= 0;
}

static bool has_even_serial(const struct resource *resource, void *data)
{
    (void)data;
    return resource->serial % 2 == 0;
}

static void compare_with_naive(const struct store *store, const struct scan *scan, size_t rows)
{
    static struct model *fitting[ROWS];
    size_t count = 0;
    sorting = scan;
    for (size_t i = 0; i < rows; i++) {
        bool fits = models[i].row && (!scan->fits || scan->fits(models[i].row, NULL));
        for (size_t p = 0; fits && p < scan->predicate_count; p++)
            fits = fits_naively(&models[i], &scan->predicates[p]);
        if (fits)
            fitting[count++] = &models[i];
    }
    qsort(fitting, count, sizeof *fitting, compare_rows);
    size_t from = 0;
    while (scan->after.is_set && from < count &&
           compare_models(&scan->after.value, scan->after.serial, fitting[from]) >= 0)
        from++;
    from = from + scan->offset < count ? from + scan->offset : count;
    struct scan_result result;
    scan_run(store_index(store, 0), scan, &result);
    size_t expected = count - from < scan->limit ? count - from : scan->limit;
    assert_int_equal(result.count, expected);
    assert_int_equal(result.has_more, count - from > scan->limit);
    if (scan->wants_total)
        assert_int_equal(result.total, count);
    for (size_t i = 0; i < expected; i++)
        assert_ptr_equal(result.rows[i], fitting[from + i]->row);
    scan_release(&result);
}

static size_t draw_predicates(struct draw *draw, struct predicate *predicates,
                              struct column_value (*values)[2])
{
    size_t count = (size_t)draw_below(draw, 4);
    for (size_t i = 0; i < count; i++) {
        struct predicate *p = &predicates[i];
        int column = (int)draw_below(draw, COLUMNS);
        *p = (struct predicate){.test = (enum predicate_test)draw_below(draw, TEST_STATE + 1),
                                .column = column,
                                .values = values[i],
                                .count = 2,
                                .states = draw_below(draw, 16)};
        for (int v = 0; v < 2; v++) {
            values[i][v] = models[draw_below(draw, 40)].values[column];
            if (columns[column] == COLUMN_TEXT && draw_below(draw, 10) == 0)
                values[i][v] = (struct column_value){true, 0, STR_LITERAL("nobody has this")};
        }
    }
    return count;
}

static void random_scans(size_t rows, int scans, uint64_t seed, bool is_thin)
{
    struct draw draw = draw_from(seed);
    struct store *store = fill(&draw, rows, is_thin);
    for (int i = 0; i < scans; i++) {
        struct predicate predicates[4];
        struct column_value values[4][2];
        struct scan scan = {.order = (unsigned)draw_below(&draw, ORDERS),
                            .is_backward = draw_below(&draw, 2),
                            .limit = (size_t)draw_below(&draw, 30),
                            .predicates = predicates};
        scan.predicate_count = draw_predicates(&draw, predicates, values);
        scan.wants_total = draw_below(&draw, 3) == 0;
        scan.fits = draw_below(&draw, 3) == 0 ? has_even_serial : NULL;
        if (draw_below(&draw, 3) == 0)
            scan.offset = (size_t)draw_below(&draw, rows + 10);
        if (draw_below(&draw, 9) == 0)
            scan.limit = SIZE_MAX;
        const struct model *from = &models[draw_below(&draw, rows)];
        if (draw_below(&draw, 2) && from->row)
            scan.after = scan_position_of(store_index(store, 0), scan.order, from->row);
        else if (draw_below(&draw, 2)) /* of a row that has gone */
            scan.after = (struct scan_position){
                true, from->values[orders[scan.order].column < 0 ? 0 : orders[scan.order].column],
                draw_below(&draw, rows)};
        compare_with_naive(store, &scan, rows);
    }
    store_free(store);
}

static void few_rows_are_scanned_as_a_sort_would(void **state)
{
    (void)state;
    for (uint64_t seed = 0; seed < 20; seed++)
        random_scans(1 + seed * 3, 100, seed, false);
}

static void many_rows_are_scanned_as_a_sort_would(void **state)
{
    (void)state;
    random_scans(ROWS, 300, 99, false);
}

static void the_few_rows_that_are_left_of_many_are_scanned_as_a_sort_would(void **state)
{
    (void)state;
    random_scans(ROWS, 300, 7, true);
}

static void pages_by_position_meet_every_row_once(void **state)
{
    (void)state;
    struct draw draw = draw_from(5);
    struct store *store = fill(&draw, 1000, false);
    const struct index *index = store_index(store, 0);
    for (unsigned order = 0; order < ORDERS; order++) {
        struct scan scan = {.order = order, .limit = 7, .is_backward = order % 2};
        struct scan_result result;
        size_t seen = 0;
        bool has_more = true;
        while (has_more) {
            scan_run(index, &scan, &result);
            seen += result.count;
            has_more = result.has_more;
            assert_true(result.count == 7 || !has_more);
            scan.after = scan_position_of(index, order, result.rows[result.count - 1]);
            scan_release(&result);
        }
        assert_int_equal(seen, store_count(store, 0));
    }
    store_free(store);
}

static void a_common_filter_does_not_read_all_rows(void **state)
{
    (void)state;
    struct draw draw = draw_from(6);
    struct store *store = fill(&draw, ROWS, false);
    struct predicate one = {.test = TEST_STATE, .states = 2};
    struct scan scan = {.order = TIMES, .limit = 20, .predicates = &one, .predicate_count = 1};
    struct scan_result result;
    scan_run(store_index(store, 0), &scan, &result);
    assert_int_equal(result.count, 20);
    assert_true(result.examined < 400);
    scan_release(&result);
    store_free(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(few_rows_are_scanned_as_a_sort_would),
        cmocka_unit_test(many_rows_are_scanned_as_a_sort_would),
        cmocka_unit_test(the_few_rows_that_are_left_of_many_are_scanned_as_a_sort_would),
        cmocka_unit_test(pages_by_position_meet_every_row_once),
        cmocka_unit_test(a_common_filter_does_not_read_all_rows),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
