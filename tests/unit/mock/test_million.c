/* SPDX-License-Identifier: Apache-2.0 */
/* A store of a million resources (fewer where the compiler optimises nothing, or under sanitizers):
 * what it costs, and within which bounds. */
#include "core/base/draw.h"
#include "mock/world/scan.h"
#include "mock/world/store.h"
#include "tests/unit/cmocka_all.h"

#include <malloc.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define IS_SANITIZED 1
#endif
#endif
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define IS_SANITIZED 1
#endif
#ifdef IS_SANITIZED
enum { ROWS = 50000 };
#elif !defined(__OPTIMIZE__)
enum { ROWS = 250000 };
#else
enum { ROWS = 1000000 };
#endif
enum { TEXT = 1154, MOVES = 4, PAGE = 20, ROUNDS = 2000 };
enum { CREATED, UPDATED, TITLE, CREATOR, SOURCE, COLUMNS };
enum { BY_CREATED, BY_UPDATED, BY_TITLE, ORDERS };

static const enum column_type columns[COLUMNS] = {COLUMN_INTEGER, COLUMN_INTEGER, COLUMN_TEXT,
                                                  COLUMN_TEXT, COLUMN_TEXT};
static const struct order_shape orders[ORDERS] = {
    {.column = CREATED}, {.column = UPDATED}, {.column = TITLE}};
static const struct kind_shape kind = {"run", 9, columns, COLUMNS, orders, ORDERS, 1};

/* CPU time, so that a busy machine does not spoil the numbers. */
static nanos spent(void)
{
    struct timespec cpu;
    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &cpu);
    return (nanos)cpu.tv_sec * NANOS_PER_SECOND + cpu.tv_nsec;
}

static struct column_value number(int64_t value)
{
    return (struct column_value){true, value, {0}};
}

static void give_values(struct draw *draw, size_t i, struct column_value *values, char (*texts)[24])
{
    snprintf(texts[0], sizeof texts[0], "%llu: a title",
             (unsigned long long)draw_below(draw, 50000));
    snprintf(texts[1], sizeof texts[1], "user-%llu", (unsigned long long)draw_below(draw, 200));
    snprintf(texts[2], sizeof texts[2], "SOURCE_%llu", (unsigned long long)draw_below(draw, 16));
    values[CREATED] = number((int64_t)i / 3);
    values[UPDATED] = number((int64_t)draw_below(draw, ROWS));
    for (int text = 0; text < 3; text++)
        values[TITLE + text] = (struct column_value){true, 0, str_from(texts[text])};
}

static void add_row(struct store *store, struct draw *draw, size_t i)
{
    static char json[TEXT];
    char id[40], texts[3][24], conversation[40];
    struct column_value values[COLUMNS];
    memset(json, 'j', sizeof json);
    snprintf(id, sizeof id, "%08zx-0000-4000-8000-%012zx", i, i);
    snprintf(conversation, sizeof conversation, "conversation %zu", i / 4);
    give_values(draw, i, values, texts);
    const char *links[] = {conversation};
    struct text *view = text_new(json, TEXT);
    static const struct move_cause born = {CAUSE_OPERATION, "createRun", NULL, 0};
    static const struct move_cause moved = {CAUSE_OUTCOME, "success", NULL, 0};
    struct birth birth = {.id = id,
                          .at = (nanos)i,
                          .cause = &born,
                          .data = {.view = view, .columns = values, .links = links}};
    struct resource *run = store_add(store, &birth, NULL);
    text_unref(view);
    for (unsigned move = 1; move <= MOVES; move++)
        store_set_state(store, run, (uint8_t)(move == MOVES ? draw_below(draw, 9) : move), (nanos)i,
                        &moved);
}

static double time_scans(const struct store *store, struct draw *draw, struct scan scan, int rounds)
{
    nanos began = spent();
    for (int i = 0; i < rounds; i++) {
        struct scan_result result;
        if (scan.after.is_set) {
            scan.after.value.number = (int64_t)draw_below(draw, ROWS);
            scan.after.serial = draw_below(draw, ROWS);
        } else if (scan.offset) {
            scan.offset = 1 + (size_t)draw_below(draw, ROWS - 100);
        }
        scan_run(store_index(store, 0), &scan, &result);
        scan_release(&result);
    }
    return (double)(spent() - began) / rounds / 1000;
}

static void measure_memory(const struct store *store, size_t heap)
{
    double counted = (double)store_bytes(store) / ROWS, real = (double)heap / ROWS;
    print_message("%d rows of %d bytes, 5 columns, 3 orders, %d moves, 1 link: %.0f bytes each"
                  " (heap %.0f; allowed 1.3 x text + 200 = %.0f)\n",
                  ROWS, TEXT, MOVES + 1, counted, real, 1.3 * TEXT + 200);
    assert_true(counted <= 1.3 * TEXT + 200);
    assert_true(real <= 1.3 * TEXT + 200);
    assert_true(counted > 0.9 * real && counted < 1.1 * real);
}

static void a_million_rows_stay_small_and_quick(void **state)
{
    (void)state;
    struct draw draw = draw_from(11);
    size_t before = mallinfo2().uordblks + mallinfo2().hblkhd;
    struct store *store = store_new(&kind, 1, 0);
    nanos began = spent();
    for (size_t i = 0; i < ROWS; i++)
        add_row(store, &draw, i);
    print_message("added and moved: %.2f us a row\n", (double)(spent() - began) / ROWS / 1000);
#ifndef IS_SANITIZED
    measure_memory(store, mallinfo2().uordblks + mallinfo2().hblkhd - before);
#else
    (void)measure_memory;
    (void)before;
#endif
    struct column_value wanted[] = {{true, 0, STR_LITERAL("user-7")},
                                    {true, 0, STR_LITERAL("SOURCE_5")}};
    struct predicate three[] = {{.test = TEST_STATE, .states = 8},
                                {.test = TEST_EQUAL, .column = CREATOR, .values = &wanted[0]},
                                {.test = TEST_EQUAL, .column = SOURCE, .values = &wanted[1]}};
    struct scan_position somewhere = {.is_set = true, .value = number(1)};
    const struct {
        const char *name;
        struct scan scan;
        int rounds;
        double most; /* microseconds: generous, for slow machines and debug builds */
    } cases[] = {
        {"page of 20 from a cursor", {.after = somewhere}, ROUNDS, 200},
        {"page of 20 from an offset", {.offset = 1}, ROUNDS, 500},
        {"page of 20, one state", {.after = somewhere, .predicate_count = 1}, ROUNDS, 1000},
        {"page of 20, two tests", {.after = somewhere, .predicate_count = 2}, 50, 100000},
        {"page of 20, three tests", {.after = somewhere, .predicate_count = 3}, 50, 100000},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        struct scan scan = cases[i].scan;
        scan.order = BY_UPDATED;
        scan.is_backward = true;
        scan.limit = PAGE;
        scan.predicates = three;
        double took = time_scans(store, &draw, scan, cases[i].rounds);
        print_message("%s: %.1f us\n", cases[i].name, took);
        assert_true(took < cases[i].most);
    }
    store_free(store);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_million_rows_stay_small_and_quick)};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
