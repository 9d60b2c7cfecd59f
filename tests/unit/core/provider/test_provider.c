/* SPDX-License-Identifier: Apache-2.0 */
/* What loading makes of the engine's one-page services: participants, steps, kinds, answers. */
#include "core/base/str.h"
#include "core/contract/openapi.h"
#include "core/expr/template.h"
#include "core/provider/provider.h"
#include "tests/unit/cmocka_all.h"

#include <string.h>

#define ENGINE SOURCE_DIR "/tests/data/engine/"

struct loaded_provider {
    struct arena *arena;
    struct findings findings;
    const struct provider *provider;
};

static struct loaded_provider load(const char *name, const char *fixtures,
                                   const struct variant_choice *choice)
{
    struct loaded_provider loaded = {.arena = arena_new()};
    struct provider_options options = {.contracts_dir = ENGINE "contracts",
                                       .fixtures_dir = fixtures,
                                       .choices = choice,
                                       .choice_count = choice ? 1 : 0};

    loaded.provider = provider_load(loaded.arena, name, &options, &loaded.findings);
    return loaded;
}

static struct loaded_provider load_well(const char *name)
{
    struct loaded_provider loaded = load(name, ENGINE "fixtures", NULL);

    assert_non_null(loaded.provider);
    assert_int_equal(0, loaded.findings.errors);
    return loaded;
}

static void drop(struct loaded_provider *loaded)
{
    findings_release(&loaded->findings);
    arena_free(loaded->arena);
}

static const struct provider_operation *operation(const struct loaded_provider *loaded,
                                                  const char *name)
{
    const struct provider_operation *found = provider_operation_named(loaded->provider, name);

    assert_non_null(found);
    return found;
}

static void all_providers_of_a_directory_are_listed(void **state)
{
    struct arena *arena = arena_new();
    const char **names = provider_list(arena, ENGINE "contracts", NULL);
    int found = 0;

    (void)state;
    assert_non_null(names);
    assert_string_equal("approvals", names[0]);
    for (size_t i = 0; names[i]; i++) {
        assert_true(i == 0 || strcmp(names[i - 1], names[i]) < 0);
        found += strcmp(names[i], "tools") == 0;
    }
    assert_int_equal(1, found);
    assert_null(provider_list(arena, ENGINE "nowhere", NULL));
    arena_free(arena);
}

static void machines_take_part_in_file_order(void **state)
{
    struct loaded_provider loaded = load_well("interrupts");
    const struct provider_operation *create = operation(&loaded, "createRun");
    const struct provider_operation *get = operation(&loaded, "getRun");

    (void)state;
    assert_int_equal(2, create->participant_count);
    assert_string_equal("thread", create->participants[0].machine->name);
    assert_true(create->participants[0].by_path);
    assert_false(create->participants[0].creates);
    assert_string_equal("run", create->participants[1].machine->name);
    assert_false(create->participants[1].by_path);
    assert_true(create->participants[1].creates);
    assert_int_equal(2, create->participants[1].rows.count);
    assert_true(get->participants[1].by_path);
    assert_int_equal(1, get->participants[1].named_by_count);
    drop(&loaded);
}

static void rules_and_streams_find_their_operations(void **state)
{
    struct loaded_provider cancels = load_well("cancels"), tools = load_well("tools");

    (void)state;
    assert_int_equal(1, operation(&cancels, "createRun")->rule_count);
    assert_int_equal(0, operation(&cancels, "getRun")->rule_count);
    assert_non_null(operation(&tools, "streamRun")->stream);
    assert_null(operation(&tools, "getRun")->stream);
    drop(&cancels);
    drop(&tools);
}

static void a_variant_is_chosen_at_load(void **state)
{
    struct variant_choice accept = {"own_worker", "accept"}, wrong = {"own_worker", "maybe"},
                          unknown = {"no_such", "accept"};
    struct loaded_provider usual = load_well("cancels"),
                           chosen = load("cancels", ENGINE "fixtures", &accept),
                           bad = load("cancels", ENGINE "fixtures", &wrong),
                           none = load("cancels", ENGINE "fixtures", &unknown);

    (void)state;
    assert_int_equal(4, operation(&usual, "cancelRun")->participants[0].rows.count);
    assert_int_equal(3, operation(&chosen, "cancelRun")->participants[0].rows.count);
    assert_int_equal(0, chosen.findings.errors);
    assert_int_equal(1, bad.findings.errors);
    assert_int_equal(1, none.findings.errors);
    drop(&usual);
    drop(&chosen);
    drop(&bad);
    drop(&none);
}

static void a_judge_needs_no_fixtures(void **state)
{
    struct loaded_provider loaded = load("tools", NULL, NULL);

    (void)state;
    assert_non_null(loaded.provider);
    assert_int_equal(0, loaded.findings.errors);
    assert_false(loaded.provider->has_fixtures);
    assert_int_equal(0, loaded.provider->kind_count);
    assert_null(provider_kind_for(loaded.provider, &loaded.provider->lifecycle->machines[0]));
    assert_true(operation(&loaded, "cancelRun")->participant_count > 0);
    drop(&loaded);
}

static void steps_become_verbs_with_their_columns(void **state)
{
    struct loaded_provider loaded = load_well("tools");
    const struct kind *run = provider_kind(loaded.provider, "run");
    const struct outcome *complete = kind_outcome(run, "complete");
    const struct step *steps = complete->steps.items;

    (void)state;
    assert_int_equal(5, complete->steps.count);
    assert_int_equal(VERB_CHANGE, steps[0].verb);
    assert_string_equal("in_progress", steps[0].change.to.name);
    assert_int_equal(DELAY_FIXED, steps[0].after.kind);
    assert_true(steps[0].after.least == 500 * NANOS_PER_MS);
    assert_int_equal(VERB_CREATE, steps[1].verb);
    assert_ptr_equal(provider_kind(loaded.provider, "step"), steps[1].create.kind);
    assert_string_equal("step", steps[1].as);
    assert_int_equal(VERB_EACH, steps[2].verb);
    assert_string_equal("word", steps[2].each.as);
    assert_true(steps[2].each.every.least == 50 * NANOS_PER_MS);
    assert_int_equal(VERB_EMIT, steps[2].each.steps.items[0].verb);
    assert_string_equal("delta", steps[2].each.steps.items[0].emit.name);
    assert_int_equal(1, steps[3].change.set.count);
    assert_string_equal("/output", steps[3].change.set.items[0].at);
    drop(&loaded);
}

static void kinds_carry_hooks_timers_and_choices(void **state)
{
    struct loaded_provider tools = load_well("tools"), schedules = load_well("schedules");
    const struct kind *run = provider_kind(tools.provider, "run");
    const struct kind *routine = provider_kind(schedules.provider, "routine");

    (void)state;
    assert_int_equal(4, run->hook_count);
    assert_true(run->hooks[0].enters != 0 && run->hooks[0].leaves == 0);
    assert_int_equal(1, run->timer_count);
    assert_string_equal("expired", run->timers[0].to.name);
    assert_int_equal(2, run->outcomes.choice_count);
    assert_string_equal("call", run->outcomes.choices[0].outcome->name);
    assert_string_equal("/status", run->state_at);
    assert_non_null(run->schema);
    assert_non_null(routine->timers[0].cron);
    assert_null(routine->id_make);
    assert_int_equal(2, schedules.provider->service.callback_count);
    assert_non_null(schedules.provider->service.callbacks[0].rule);
    drop(&tools);
    drop(&schedules);
}

static void what_new_does_not_read_is_stored_as_it_is(void **state)
{
    struct loaded_provider loaded = load_well("cancels");
    const struct seed *seed = &loaded.provider->seeds[0];

    (void)state;
    assert_int_equal(1, loaded.provider->seed_count);
    assert_string_equal("00000000-0000-4000-8000-000000000001", seed->id);
    assert_string_equal("SUCCEEDED", seed->kind->machine->states[seed->state].name);
    assert_true(seed->at == -3600 * NANOS_PER_SECOND);
    assert_int_equal(1, seed->stored.count); /* run_id, but not prompt: that is $given.prompt */
    assert_string_equal("/run_id", seed->stored.items[0].at);
    drop(&loaded);
}

static void answers_are_told_apart(void **state)
{
    struct loaded_provider loaded = load_well("tools"), waits = load_well("interrupts");
    const struct service_entry *create = &operation(&loaded, "createRun")->service;
    const struct service_entry *wait = &operation(&waits, "waitRun")->service;

    (void)state;
    assert_int_equal(2, create->answers.count);
    assert_int_equal(ANSWER_STREAM, create->answers.items[0].kind);
    assert_non_null(create->answers.items[0].when);
    assert_non_null(create->answers.items[0].stream.style);
    assert_non_null(create->answers.items[0].stream.rule);
    assert_int_equal(ANSWER_REPLY, create->answers.items[1].kind);
    assert_int_equal(0, operation(&loaded, "getRun")->service.answers.count);
    assert_int_equal(ANSWER_LIST, operation(&loaded, "listSteps")->service.answers.items[0].kind);
    assert_int_equal(0, operation(&loaded, "listSteps")->service.answers.items[0].list->owner_link);
    assert_int_equal(ANSWER_WAIT, wait->answers.items[0].kind);
    assert_non_null(wait->answers.items[0].reply);
    assert_int_equal(4, state_set_count(wait->answers.items[0].wait.until) + 1);
    drop(&loaded);
    drop(&waits);
}

static void outcomes_are_found_by_name_and_by_machine(void **state)
{
    struct loaded_provider loaded = load_well("cancels");
    const struct outcome *outcome = NULL;
    struct error err = {0};

    (void)state;
    assert_int_equal(0, provider_outcome_named(loaded.provider, "failure", &outcome, &err));
    assert_string_equal("failure", outcome->name);
    assert_int_equal(0, provider_outcome_named(loaded.provider, "run=early", &outcome, &err));
    assert_string_equal("early", outcome->name);
    assert_int_equal(-1, provider_outcome_named(loaded.provider, "failur", &outcome, &err));
    assert_string_equal("unknown outcome 'failur' (did you mean 'failure'?)", err.text);
    assert_int_equal(-1, provider_outcome_named(loaded.provider, "step=failure", &outcome, &err));
    drop(&loaded);
}

static void every_error_has_its_wording(void **state)
{
    struct loaded_provider loaded = load_well("cancels");
    const struct service *service = &loaded.provider->service;
    size_t i;

    (void)state;
    for (i = 0; i < FAILURES; i++)
        assert_non_null(service->failures[i]);
    for (i = 0; i < loaded.provider->lifecycle->refusal_count; i++)
        assert_ptr_equal(&loaded.provider->lifecycle->refusals[i], service->wordings[i].refusal);
    assert_string_equal("application/problem+json", service->error_media_type);
    assert_int_equal(2, service->mount_count);
    assert_true(service->auth.required);
    assert_string_equal("bearer", service->auth.accept[0].scheme);
    drop(&loaded);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(all_providers_of_a_directory_are_listed),
        cmocka_unit_test(machines_take_part_in_file_order),
        cmocka_unit_test(rules_and_streams_find_their_operations),
        cmocka_unit_test(a_variant_is_chosen_at_load),
        cmocka_unit_test(a_judge_needs_no_fixtures),
        cmocka_unit_test(steps_become_verbs_with_their_columns),
        cmocka_unit_test(kinds_carry_hooks_timers_and_choices),
        cmocka_unit_test(what_new_does_not_read_is_stored_as_it_is),
        cmocka_unit_test(answers_are_told_apart),
        cmocka_unit_test(outcomes_are_found_by_name_and_by_machine),
        cmocka_unit_test(every_error_has_its_wording),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
