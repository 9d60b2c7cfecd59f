/* SPDX-License-Identifier: Apache-2.0 */
/* Sets of states under moves, and how long members are known. */
#include "core/base/str.h"
#include "core/data/json.h"
#include "core/data/pointer.h"
#include "core/data/yaml.h"
#include "runner/judge.h"
#include "runner/monitor/belief.h"
#include "tests/unit/cmocka_all.h"

#include <stdio.h>
#include <string.h>

static const char file[] =
    "lifecycle: '1.0'\n"
    "source: docs\n"
    "machines:\n"
    "  run:\n"
    "    observe: [ { schema: R, id: /id, state: /state } ]\n"
    "    states: { A: { initial: true }, B: {}, C: {}, D: { terminal: true } }\n"
    "    moves: { A: [ B ], B: [ C ] }\n"
    "    always: [ { in: C, if: $request.body != null, to: A } ]\n"
    "    members: { /born: constant, /place/zone: constant, /ended: once }\n"
    "    operations: { stop: [ { in: C, to: D } ], drop: [ { to: absent } ] }\n";

struct fixture {
    struct arena *arena;
    struct findings findings;
    struct beliefs *beliefs;
    const struct machine *run;
    struct belief *belief;
    struct seen seen;
};

enum { A = 1, B, C, D };

static int set_up(void **state)
{
    struct fixture *fixture = test_calloc(1, sizeof *fixture);
    const cJSON *document;
    const struct lifecycle *lifecycle;

    fixture->arena = arena_new();
    document = yaml_parse(fixture->arena, file, strlen(file), "test.yaml", &fixture->findings);
    lifecycle =
        lifecycle_from_document(fixture->arena, "test.yaml", document, NULL, 0, &fixture->findings);
    fixture->run = &lifecycle->machines[0];
    fixture->beliefs = beliefs_new(fixture->arena, lifecycle);
    fixture->belief = beliefs_get(fixture->beliefs, fixture->run, "r1");
    *state = fixture;
    return (int)fixture->findings.errors;
}

static int tear_down(void **state)
{
    struct fixture *fixture = *state;

    findings_release(&fixture->findings);
    arena_free(fixture->arena);
    test_free(fixture);
    return 0;
}

static struct moment still(nanos at)
{
    return (struct moment){.is_virtual = true, .at = at};
}

static void what_nobody_spoke_of_may_be_anything(void **state)
{
    struct fixture *fixture = *state;
    struct moment moment = still(0);

    assert_null(beliefs_find(fixture->beliefs, fixture->run, "r2"));
    assert_ptr_equal(fixture->belief, beliefs_get(fixture->beliefs, fixture->run, "r1"));
    assert_int_equal(31, belief_states(fixture->beliefs, fixture->belief, &moment));
    assert_int_equal(1, beliefs_count(fixture->beliefs));
}

static void nothing_moves_while_the_clock_stands_still(void **state)
{
    struct fixture *fixture = *state;
    struct moment moment = still(5);

    belief_tell(fixture->beliefs, fixture->belief, STATE_BIT(B), &moment, &fixture->seen);
    assert_int_equal(STATE_BIT(B), belief_states(fixture->beliefs, fixture->belief, &moment));
    moment.changes = 1; /* somebody was let in to change things */
    assert_int_equal(STATE_BIT(A) | STATE_BIT(B) | STATE_BIT(C),
                     belief_states(fixture->beliefs, fixture->belief, &moment));
    moment = still(6);
    assert_int_equal(STATE_BIT(A) | STATE_BIT(B) | STATE_BIT(C),
                     belief_states(fixture->beliefs, fixture->belief, &moment));
}

static void sets_grow_by_own_moves_and_forced_ones(void **state)
{
    struct fixture *fixture = *state;
    const struct machine *run = fixture->run;

    assert_int_equal(STATE_BIT(A) | STATE_BIT(B), belief_step(run, STATE_BIT(A)));
    assert_int_equal(STATE_BIT(A) | STATE_BIT(B) | STATE_BIT(C), belief_step(run, STATE_BIT(B)));
    assert_int_equal(STATE_BIT(D), belief_closure(run, STATE_BIT(D)));
    assert_int_equal(31, beliefs_acted(fixture->beliefs, run, STATE_BIT(A)));
    assert_int_equal(STATE_BIT(D) | STATE_BIT(STATE_ABSENT),
                     beliefs_acted(fixture->beliefs, run, STATE_BIT(D)));
}

static void overlap_keeps_what_was_possible_before(void **state)
{
    struct fixture *fixture = *state;
    struct moment moment = still(0);

    belief_tell(fixture->beliefs, fixture->belief, STATE_BIT(C), &moment, &fixture->seen);
    belief_tell(fixture->beliefs, fixture->belief, STATE_BIT(D), &moment, &fixture->seen);
    moment.is_loose = true;
    assert_true(belief_states(fixture->beliefs, fixture->belief, &moment) & STATE_BIT(C));
    belief_tell(fixture->beliefs, fixture->belief, STATE_BIT(C), &moment, &fixture->seen);
    moment.is_loose = false;
    assert_true(belief_states(fixture->beliefs, fixture->belief, &moment) & STATE_BIT(D));
}

static const cJSON *view(struct fixture *fixture, const char *text)
{
    return json_parse(fixture->arena, text, strlen(text), NULL, NULL);
}

static const char *known(struct fixture *fixture, int at, const struct moment *moment,
                         const char *pointer)
{
    bool partial;
    const cJSON *members = belief_members(fixture->belief, at, moment, fixture->arena, &partial);
    cJSON *copy = tree_copy(fixture->arena, members);
    const cJSON *member;

    if (partial)
        unknown_mark_partial(copy);
    member = seen_pointer(copy, pointer);
    if (expr_is_unknown(member))
        return "unknown";
    return member ? json_text(fixture->arena, member) : "nothing";
}

static void shows(struct fixture *fixture, const char *text, bool partial,
                  const struct moment *moment)
{
    struct shown shown = {view(fixture, text), partial, NULL};

    belief_show(fixture->arena, fixture->belief, &shown, moment);
}

static void members_grow_old_but_constants_stay(void **state)
{
    struct fixture *fixture = *state;
    struct moment moment = still(1);

    belief_tell(fixture->beliefs, fixture->belief, STATE_BIT(A), &moment, &fixture->seen);
    shows(fixture, "{\"id\":\"r1\",\"born\":1,\"title\":2,\"place\":{\"zone\":3}}", false, &moment);
    assert_string_equal("2", known(fixture, A, &moment, "/title"));
    assert_string_equal("nothing", known(fixture, A, &moment, "/other"));
    moment = still(2);
    assert_string_equal("unknown", known(fixture, A, &moment, "/title"));
    assert_string_equal("1", known(fixture, A, &moment, "/born"));
    assert_string_equal("3", known(fixture, A, &moment, "/place/zone"));
    assert_string_equal("unknown", known(fixture, A, &moment, "/place/street"));
    assert_string_equal("unknown", known(fixture, A, &moment, "/ended"));
    assert_string_equal("\"r1\"", known(fixture, A, &moment, "/id"));
}

static void what_has_ended_is_known_until_somebody_touches_it(void **state)
{
    struct fixture *fixture = *state;
    struct moment moment = still(1);

    belief_tell(fixture->beliefs, fixture->belief, STATE_BIT(D), &moment, &fixture->seen);
    shows(fixture, "{\"title\":2}", false, &moment);
    moment = still(9);
    assert_string_equal("2", known(fixture, D, &moment, "/title"));
    fixture->belief->is_touched = true;
    assert_string_equal("unknown", known(fixture, D, &moment, "/title"));
}

static void partial_views_leave_the_rest_as_it_was(void **state)
{
    struct fixture *fixture = *state;
    struct moment moment = still(1);

    shows(fixture, "{\"born\":1}", true, &moment);
    assert_string_equal("unknown", known(fixture, A, &moment, "/title"));
    assert_true(expr_is_unknown(belief_last(fixture->belief, "/title")));
    shows(fixture, "{\"title\":2}", true, &moment);
    assert_string_equal("1", known(fixture, A, &moment, "/born"));
    assert_string_equal("2", known(fixture, A, &moment, "/title"));
    shows(fixture, "{\"born\":1}", false, &moment);
    assert_string_equal("nothing", known(fixture, A, &moment, "/title"));
    assert_null(belief_last(fixture->belief, "/title"));
}

static void deletion_forgets_the_members(void **state)
{
    struct fixture *fixture = *state;
    struct moment moment = still(1);

    shows(fixture, "{\"born\":1}", false, &moment);
    belief_tell(fixture->beliefs, fixture->belief, STATE_BIT(STATE_ABSENT), &moment,
                &fixture->seen);
    assert_string_equal("unknown", known(fixture, A, &moment, "/born"));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(what_nobody_spoke_of_may_be_anything, set_up, tear_down),
        cmocka_unit_test_setup_teardown(nothing_moves_while_the_clock_stands_still, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(sets_grow_by_own_moves_and_forced_ones, set_up, tear_down),
        cmocka_unit_test_setup_teardown(overlap_keeps_what_was_possible_before, set_up, tear_down),
        cmocka_unit_test_setup_teardown(members_grow_old_but_constants_stay, set_up, tear_down),
        cmocka_unit_test_setup_teardown(what_has_ended_is_known_until_somebody_touches_it, set_up,
                                        tear_down),
        cmocka_unit_test_setup_teardown(partial_views_leave_the_rest_as_it_was, set_up, tear_down),
        cmocka_unit_test_setup_teardown(deletion_forgets_the_members, set_up, tear_down),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
