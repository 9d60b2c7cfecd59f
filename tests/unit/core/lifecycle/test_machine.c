/* SPDX-License-Identifier: Apache-2.0 */
/* States, moves and rows: what the mock plays by and the judge holds answers against. */
#include "core/base/str.h"
#include "core/data/json.h"
#include "core/data/yaml.h"
#include "core/lifecycle/machine.h"
#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <string.h>

static const char file[] =
    "lifecycle: '1.0'\n"
    "source: docs\n"
    "missing: not_found\n"
    "variants: { strict: { default: 'no', values: { 'no': a, 'yes': b } } }\n"
    "tables: { next: { a: DONE, b: FAILED } }\n"
    "errors: { not_found: { status: 404 }, late: { status: 400 }, local: { status: 422 }, "
    "early: { status: 409 } }\n"
    "machines:\n"
    "  talk: { observe: [ { schema: T, id: /id } ] }\n"
    "  run:\n"
    "    observe: [ { schema: R, id: /id, state: /state } ]\n"
    "    links: { talk: /talk_id }\n"
    "    states:\n"
    "      QUEUED: { initial: true }\n"
    "      RUNNING: {}\n"
    "      ASKING: { value: RUNNING, where: { /question: { exists: true } }, waits: true }\n"
    "      DONE: { terminal: true }\n"
    "      FAILED: { terminal: true }\n"
    "    moves: { QUEUED: [ RUNNING, { to: FAILED, source: inferred } ], RUNNING: [ DONE, ASKING ] "
    "}\n"
    "    always:\n"
    "      - { in: open, exists: { machine: talk }, to: FAILED }\n"
    "    operations:\n"
    "      create: [ { in: absent, to: QUEUED } ]\n"
    "      cancel:\n"
    "        - { variant: { strict: 'yes' }, error: late }\n"
    "        - { where: { /place: local }, error: local, source: seed }\n"
    "        - { in: QUEUED, error: early }\n"
    "        - { in: terminal, error: late }\n"
    "        - { in: [ RUNNING, ASKING ], to: FAILED }\n"
    "      finish: [ { to: { $get: [ $tables.next, $request.body#/how ] } } ]\n"
    "      busy: [ { exists: { machine: run, of: $talk, in: open }, error: early }, {} ]\n";

struct fixture {
    struct arena *arena;
    struct findings findings;
    struct lifecycle *lifecycle;
    const struct machine *run;
    struct eval eval;
    struct world_view world;
    enum truth exists; /* what the world answers */
    struct scope scope;
    struct binding tables;
    const cJSON *body;
};

static enum truth answer(void *data, const struct query *query, struct eval *eval)
{
    (void)query;
    (void)eval;
    return ((struct fixture *)data)->exists;
}

static const cJSON *give_body(void *data, enum http_part part, struct str name, struct eval *eval)
{
    (void)name;
    (void)eval;
    return part == HTTP_REQUEST_BODY ? ((struct fixture *)data)->body : NULL;
}

static int set_up(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);
    struct strbuf out = STRBUF_INIT(LIMIT_MESSAGE);
    const cJSON *document;

    fixture->arena = arena_new();
    document = yaml_parse(fixture->arena, file, strlen(file), "test.yaml", &fixture->findings);
    assert_non_null(document);
    fixture->lifecycle =
        lifecycle_from_document(fixture->arena, "test.yaml", document, NULL, 0, &fixture->findings);
    findings_print(&fixture->findings, &out);
    assert_string_equal("", out.buf);
    strbuf_release(&out);
    fixture->run = lifecycle_machine(fixture->lifecycle, "run");
    fixture->world = (struct world_view){fixture, answer, answer, NULL};
    fixture->scope = (struct scope){.http = give_body, .data = fixture};
    fixture->tables = (struct binding){"tables", fixture->lifecycle->tables};
    fixture->scope.bindings = &fixture->tables;
    fixture->scope.count = 1;
    fixture->eval = (struct eval){.arena = fixture->arena, .scope = &fixture->scope};
    *state = fixture;
    return 0;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    findings_release(&fixture->findings);
    arena_free(fixture->arena);
    test_free(fixture);
    return 0;
}

static const cJSON *json(struct fixture *fixture, const char *text)
{
    const cJSON *tree = json_parse(fixture->arena, text, strlen(text), NULL, NULL);

    assert_non_null(tree);
    return tree;
}

static state_set set_of(const struct machine *machine, const char *names)
{
    state_set set = 0;
    char copy[128], *at, *end;

    snprintf(copy, sizeof copy, "%s", names);
    for (at = copy; *at; at = end) {
        end = at + strcspn(at, " ");
        if (*end)
            *end++ = '\0';
        assert_true(machine_states_named(machine, at) != 0);
        set |= machine_states_named(machine, at);
    }
    return set;
}

static void assert_set(struct fixture *fixture, const char *names, state_set set)
{
    assert_string_equal(state_set_text(fixture->arena, fixture->run, set_of(fixture->run, names)),
                        state_set_text(fixture->arena, fixture->run, set));
}

static struct row_list rows_of(struct fixture *fixture, const char *operation)
{
    struct row_list list = {0};
    size_t i, j;

    for (i = 0; i < fixture->run->block_count; i++) {
        const struct row_block *block = &fixture->run->blocks[i];
        const struct row **rows =
            arena_alloc(fixture->arena, (block->rows.count + 1) * sizeof *rows);

        if (strcmp(block->name, operation) != 0)
            continue;
        for (j = 0; j < block->rows.count; j++)
            rows[j] = &block->rows.items[j];
        list = (struct row_list){rows, block->rows.count};
    }
    assert_true(list.count > 0);
    return list;
}

static void the_state_is_read_from_the_value_refined_ones_first(void **state)
{
    static const struct {
        const char *value, *states;
        bool partial;
    } cases[] = {
        {"{\"state\":\"QUEUED\"}", "QUEUED", false},
        {"{\"state\":\"RUNNING\"}", "RUNNING", false},
        {"{\"state\":\"RUNNING\",\"question\":null}", "RUNNING", false},
        {"{\"state\":\"RUNNING\",\"question\":\"why\"}", "ASKING", false},
        {"{\"state\":\"RUNNING\"}", "RUNNING ASKING", true},
        {"{\"id\":1}", "present", true},
    };
    struct fixture *fixture = *state;
    size_t i;

    for (i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_set(
            fixture, cases[i].states,
            machine_states_of(fixture->run, json(fixture, cases[i].value), NULL, cases[i].partial));
    assert_int_equal(STATE_NONE,
                     machine_state_of(fixture->run, json(fixture, "{\"state\":\"NEW\"}")));
    assert_int_equal(STATE_ABSENT, machine_state_of(fixture->run, NULL));
}

static void moves_step_once_and_close_over_many(void **state)
{
    struct fixture *fixture = *state;
    const struct machine *run = fixture->run;
    enum source source;

    assert_set(fixture, "RUNNING FAILED", machine_step(run, set_of(run, "QUEUED")));
    assert_set(fixture, "DONE ASKING", machine_step(run, set_of(run, "RUNNING")));
    assert_set(fixture, "present", machine_closure(run, set_of(run, "QUEUED")));
    assert_set(fixture, "DONE", machine_closure(run, set_of(run, "DONE")));
    assert_set(fixture, "QUEUED FAILED", machine_forced(run, set_of(run, "QUEUED")));
    assert_string_equal("QUEUED -> RUNNING -> DONE",
                        machine_path(fixture->arena, run, machine_state(run, "QUEUED"),
                                     machine_state(run, "DONE")));
    assert_null(machine_path(fixture->arena, run, machine_state(run, "DONE"),
                             machine_state(run, "QUEUED")));
    assert_true(machine_move_source(run, machine_state(run, "QUEUED"), machine_state(run, "FAILED"),
                                    &source));
    assert_int_equal(SOURCE_INFERRED, source);
    assert_false(machine_move_source(run, machine_state(run, "DONE"), machine_state(run, "FAILED"),
                                     &source));
}

static void the_first_row_that_fits_decides(void **state)
{
    static const struct {
        const char *state, *value, *error;
        int to; /* index in the machine; -1 = stays */
    } cases[] = {
        {"QUEUED", "{}", "early", STATE_NONE},
        {"QUEUED", "{\"place\":\"local\"}", "local", STATE_NONE},
        {"DONE", "{}", "late", STATE_NONE},
        {"DONE", "{\"place\":\"local\"}", "local", STATE_NONE},
        {"RUNNING", "{}", NULL, 5},
        {"ASKING", "{}", NULL, 5},
    };
    struct fixture *fixture = *state;
    struct row_list rows = rows_of(fixture, "cancel");
    size_t i;

    assert_int_equal(4, rows.count); /* the variant's row is gone */
    for (i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct subject subject = {fixture->run, set_of(fixture->run, cases[i].state),
                                  json(fixture, cases[i].value), false, NULL};
        const struct row *row = row_decide(&rows, &subject, &fixture->eval, &fixture->world);

        assert_non_null(row);
        assert_int_equal(cases[i].to, row->to);
        if (cases[i].error)
            assert_string_equal(cases[i].error, row->error->name);
        else
            assert_null(row->error);
    }
    {
        struct subject absent = {fixture->run, STATE_BIT(STATE_ABSENT), NULL, false, NULL};

        assert_null(row_decide(&rows, &absent, &fixture->eval, &fixture->world));
    }
}

static void a_template_leads_to_a_state_of_its_table(void **state)
{
    struct fixture *fixture = *state;
    const struct row *row = rows_of(fixture, "finish").items[0];

    assert_set(fixture, "DONE FAILED", row->to_any);
    fixture->body = json(fixture, "{\"how\":\"b\"}");
    assert_int_equal(machine_state(fixture->run, "FAILED"),
                     row_target(row, fixture->run, 1, &fixture->eval));
    fixture->body = json(fixture, "{\"how\":\"zzz\"}");
    assert_int_equal(STATE_NONE, row_target(row, fixture->run, 1, &fixture->eval));
}

static void always_forces_by_what_the_world_has(void **state)
{
    struct fixture *fixture = *state;
    struct subject subject = {fixture->run, set_of(fixture->run, "QUEUED"), json(fixture, "{}"),
                              false, NULL};

    fixture->exists = TRUTH_FALSE;
    assert_null(always_decide(fixture->run, &subject, &fixture->eval, &fixture->world));
    fixture->exists = TRUTH_TRUE;
    assert_non_null(always_decide(fixture->run, &subject, &fixture->eval, &fixture->world));
    subject.states = set_of(fixture->run, "DONE");
    assert_null(always_decide(fixture->run, &subject, &fixture->eval, &fixture->world));
}

struct judge_case {
    const char *name, *operation, *states, *value;
    bool partial;
    int status;
    const char *after; /* NULL: nothing explains it */
    enum truth exists;
};

static const struct judge_case judge_cases[] = {
    {"a refusal leaves it where it was", "cancel", "QUEUED", "{}", false, 409, "QUEUED", 0},
    {"a success moves it", "cancel", "RUNNING", "{}", false, 200, "FAILED", 0},
    {"a wrong refusal is explained by nothing", "cancel", "QUEUED", "{}", false, 200, NULL, 0},
    {"a wrong success, too", "cancel", "DONE", "{}", false, 200, NULL, 0},
    {"an answer tells which state it was", "cancel", "QUEUED RUNNING DONE", "{}", false, 400,
     "DONE", 0},
    {"what is not seen may have decided", "cancel", "QUEUED", "{}", true, 422, "QUEUED", 0},
    {"what is seen did not", "cancel", "QUEUED", "{\"place\":\"cloud\"}", true, 422, NULL, 0},
    {"a resource never seen may be anywhere", "cancel", "present", NULL, false, 422, "present", 0},
    {"missing explains a 404", "cancel", "absent RUNNING", "{}", false, 404, "absent", 0},
    {"but not when it is there", "cancel", "RUNNING", "{}", false, 404, NULL, 0},
    {"an unknown world leaves both ways open", "busy", "QUEUED", "{}", false, 200, "QUEUED",
     TRUTH_UNKNOWN},
    {"in both directions", "busy", "QUEUED", "{}", false, 409, "QUEUED", TRUTH_UNKNOWN},
    {"a known one does not", "busy", "QUEUED", "{}", false, 409, NULL, TRUTH_FALSE},
};

static void answers_are_judged_over_sets_of_states(void **state)
{
    struct fixture *fixture = *state;
    size_t i;

    for (i = 0; i < sizeof judge_cases / sizeof *judge_cases; i++) {
        const struct judge_case *one = &judge_cases[i];
        struct judging judging = {.lifecycle = fixture->lifecycle,
                                  .rows = rows_of(fixture, one->operation),
                                  .missing = fixture->run->missing,
                                  .world = &fixture->world};
        struct judgement judgement;

        judging.subject =
            (struct subject){fixture->run, set_of(fixture->run, one->states),
                             one->value ? json(fixture, one->value) : NULL, one->partial, NULL};
        judging.seen = (struct answer_seen){.status = one->status, .success_status = 200};
        fixture->exists = one->exists;
        rows_judge(&judging, &fixture->eval, &judgement);
        if ((one->after ? set_of(fixture->run, one->after) : 0) != judgement.after)
            fail_msg("%s: %s", one->name,
                     state_set_text(fixture->arena, fixture->run, judgement.after));
        assert_true(one->after || judgement.expected || one->partial || one->status == 404 ||
                    one->exists == TRUTH_FALSE);
    }
}

static void a_wrong_answer_names_the_row_that_should_have_decided(void **state)
{
    struct fixture *fixture = *state;
    struct judging judging = {.lifecycle = fixture->lifecycle,
                              .rows = rows_of(fixture, "cancel"),
                              .missing = fixture->run->missing,
                              .world = &fixture->world};
    struct judgement judgement;

    judging.subject = (struct subject){fixture->run, set_of(fixture->run, "QUEUED"),
                                       json(fixture, "{}"), false, NULL};
    judging.seen = (struct answer_seen){.status = 200, .success_status = 200};
    rows_judge(&judging, &fixture->eval, &judgement);
    assert_int_equal(0, judgement.after);
    assert_non_null(judgement.expected);
    assert_string_equal("early", judgement.expected->error->name);
    assert_true(judgement.expected->place.line > 0);
}

static void an_error_body_tells_between_errors_of_one_status(void **state)
{
    struct fixture *fixture = *state;
    const struct refusal *late = lifecycle_refusal(fixture->lifecycle, "late");
    struct judging judging = {.lifecycle = fixture->lifecycle,
                              .rows = rows_of(fixture, "cancel"),
                              .world = &fixture->world};
    struct judgement judgement;
    size_t index = (size_t)(late - fixture->lifecycle->refusals);

    judging.subject = (struct subject){fixture->run, set_of(fixture->run, "DONE"),
                                       json(fixture, "{}"), false, NULL};
    judging.seen = (struct answer_seen){
        .status = 400, .success_status = 200, .refusals = (state_set)1 << index};
    rows_judge(&judging, &fixture->eval, &judgement);
    assert_set(fixture, "DONE", judgement.after);
    judging.seen.refusals = (state_set)1 << (index + 1);
    rows_judge(&judging, &fixture->eval, &judgement);
    assert_int_equal(0, judgement.after);
}

static void a_chosen_variant_keeps_its_rows(void **state)
{
    struct fixture *fixture = *state;
    struct variant_choice choice = {"strict", "yes"};
    const struct lifecycle *lifecycle = lifecycle_from_document(
        fixture->arena, "test.yaml", fixture->lifecycle->document, &choice, 1, &fixture->findings);
    const struct machine *run = lifecycle_machine(lifecycle, "run");
    size_t i;

    for (i = 0; i < run->block_count; i++)
        if (strcmp(run->blocks[i].name, "cancel") == 0) {
            assert_int_equal(5, run->blocks[i].rows.count);
            assert_true(run->blocks[i].rows.items[0].has_variant);
            return;
        }
    fail_msg("no rows for cancel");
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(the_state_is_read_from_the_value_refined_ones_first, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(moves_step_once_and_close_over_many, set_up, tear_down),
        cmocka_unit_test_setup_teardown(the_first_row_that_fits_decides, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_template_leads_to_a_state_of_its_table, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(always_forces_by_what_the_world_has, set_up, tear_down),
        cmocka_unit_test_setup_teardown(answers_are_judged_over_sets_of_states, set_up, tear_down),
        cmocka_unit_test_setup_teardown(a_wrong_answer_names_the_row_that_should_have_decided,
                                        set_up, tear_down),
        cmocka_unit_test_setup_teardown(an_error_body_tells_between_errors_of_one_status, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(a_chosen_variant_keeps_its_rows, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
