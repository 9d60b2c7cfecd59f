/* SPDX-License-Identifier: Apache-2.0 */
/* POST /__admin/sessions: how a session is to be made, each time that it is. */
#include "core/base/str.h"
#include "core/base/vec.h"
#include "core/data/json.h"
#include "core/expr/time_form.h"
#include "mock/admin/handlers.h"
#include "mock/admin/session.h"
#include "mock/session_find.h"

static void read_seed(struct admin_call *call, struct session_terms *terms)
{
    const cJSON *member = tree_get(call->body, "seed");
    int64_t seed = 0;
    if (!member)
        return;
    terms->has_seed = true;
    if (!cJSON_IsNumber(member) || !tree_as_int64(member, &seed) || seed < 0)
        admin_problem(call, "member 'seed' is a whole number from 0 on, not %s",
                      json_text(call->arena, member));
    terms->seed = (uint64_t)seed;
}

/* `clock`, `epoch` and `step` as the options of these names. */
static void read_clock(struct admin_call *call, struct session_terms *terms)
{
    struct error err = {0};
    const char *clock = admin_member_text(call, "clock");
    const char *epoch = admin_member_text(call, "epoch");
    const struct clock_settings usual =
        terms->has_clock ? terms->clock : call->mock->world_settings.clock;
    nanos step = usual.step;
    bool has_step = admin_member_duration(call, "step", &step);
    if (!clock && !epoch && !has_step)
        return;
    terms->has_clock = true;
    terms->clock = usual;
    if (clock && clock_parse(clock, &terms->clock, &err))
        admin_problem(call, "member 'clock': %s", err.text);
    if (terms->clock.mode == MODE_VIRTUAL && usual.mode != MODE_VIRTUAL)
        terms->clock.epoch = CLOCK_EPOCH;
    if (epoch && instant_parse(epoch, false, &terms->clock.epoch))
        admin_problem(call, "member 'epoch': '%s' is no instant such as 2026-01-01T00:00:00Z",
                      epoch);
    terms->clock.step = terms->clock.mode == MODE_VIRTUAL ? step : 0;
    if (terms->clock.mode != MODE_VIRTUAL && (epoch || has_step))
        admin_problem(call, "member '%s' needs a virtual clock", epoch ? "epoch" : "step");
}

static void read_outcomes(struct admin_call *call, struct session_terms *terms)
{
    const cJSON *member = tree_get(call->body, "outcomes"), *item;
    struct {
        VEC(const char *);
    } all = {0};
    if (!member)
        return;
    if (!cJSON_IsArray(member))
        admin_problem(call, "member 'outcomes' is a list of PROVIDER.MACHINE=NAME, not %s",
                      tree_type_name(member));
    cJSON_ArrayForEach (item, member) {
        struct error err = {0};
        const char *text = tree_text(item);
        if (!text)
            admin_problem(call, "an outcome is a text PROVIDER.MACHINE=NAME, not %s",
                          json_text(call->arena, item));
        else if (!mock_outcome_named(call->mock, text, &err))
            admin_problem(call, "outcome '%s': %s", text, err.text);
        else
            vec_push_arena(terms->arena, &all, arena_strdup(terms->arena, text));
    }
    terms->outcomes = all.items;
    terms->outcome_count = all.count;
}

static bool is_same_making(const struct session_terms *a, const struct session_terms *b)
{
    if (a->has_seed != b->has_seed || a->seed != b->seed || a->has_clock != b->has_clock ||
        a->clock.mode != b->clock.mode || a->clock.scale != b->clock.scale ||
        a->clock.epoch != b->clock.epoch || a->clock.step != b->clock.step ||
        a->outcome_count != b->outcome_count)
        return false;
    for (size_t i = 0; i < a->outcome_count; i++)
        if (!text_is(a->outcomes[i], b->outcomes[i]))
            return false;
    return true;
}

/* What was said before stays unless it is said anew. */
static void copy_terms(struct session_terms *terms, const struct session_terms *old)
{
    const char **outcomes = arena_alloc(terms->arena, (old->outcome_count + 1) * sizeof *outcomes);
    for (size_t i = 0; i < old->outcome_count; i++)
        outcomes[i] = arena_strdup(terms->arena, old->outcomes[i]);
    terms->has_seed = old->has_seed;
    terms->seed = old->seed;
    terms->has_clock = old->has_clock;
    terms->clock = old->clock;
    terms->participants = old->participants;
    terms->expires_after = old->expires_after;
    terms->outcomes = outcomes;
    terms->outcome_count = old->outcome_count;
}

static struct session_terms *read_terms(struct admin_call *call, const struct session_look *look)
{
    struct session_terms *terms = session_terms_new();
    int64_t participants = 0;
    if (look->terms)
        copy_terms(terms, look->terms);
    if (admin_member_integer(call, "participants", 1, &participants))
        terms->participants = (unsigned)participants;
    admin_member_duration(call, "expires_after", &terms->expires_after);
    read_seed(call, terms);
    read_clock(call, terms);
    read_outcomes(call, terms);
    return terms;
}

/* A world that is there was made already. */
static bool comes_too_late(const struct session_look *look, const struct session_terms *terms)
{
    struct session_terms nothing = {0};
    return look->world && !is_same_making(look->terms ? look->terms : &nothing, terms);
}

static const char *read_name(struct admin_call *call)
{
    const char *name = admin_member_text(call, "name");
    if (!tree_get(call->body, "name"))
        admin_problem(call, "member 'name' is missing: 1 to %d of A-Z a-z 0-9 . _ -",
                      SESSION_NAME_MAX);
    else if (name && !session_name_is_valid(name))
        admin_problem(call, "'%.80s' is no session name: 1 to %d of A-Z a-z 0-9 . _ -", name,
                      SESSION_NAME_MAX);
    return name ? name : "";
}

static void refuse_late(struct admin_call *call, const char *name)
{
    cJSON *body = tree_object(call->arena);
    tree_set_string(call->arena, body, "detail",
                    arena_printf(call->arena,
                                 "seed, clock and outcomes hold from the beginning: reset '%s' "
                                 "(POST /__admin/sessions/%s/reset) or delete it first",
                                 name, name));
    admin_refuse(call, 409, "the session is in use already", body);
}

/* The world, too: what is wrong with it is told now, and not to the first request. */
static int declare(struct admin_call *call, const char *name, struct session_terms *terms,
                   struct error *err)
{
    unsigned participants = terms->participants;
    int made = sessions_declare(call->mock->sessions, name, terms, err);
    struct world *world = made < 0 ? NULL : sessions_enter(call->mock->sessions, name, 0, err);
    if (!world)
        return -1;
    if (participants) {
        world_lock(world);
        world_set_participants(world, participants);
        world_unlock(world);
    }
    sessions_leave(world);
    return made;
}

void admin_session_new(struct admin_call *call)
{
    struct error err = {0};
    struct session_look look;
    const char *name = read_name(call);
    sessions_look(call->mock->sessions, name, &look);
    struct session_terms *terms = read_terms(call, &look);
    bool is_late = comes_too_late(&look, terms);
    session_look_release(&look);
    if (tree_count(call->problems) || is_late) {
        session_terms_unref(terms);
        if (!admin_refuse_problems(call))
            refuse_late(call, name);
        return;
    }
    int made = declare(call, name, terms, &err);
    if (made < 0)
        admin_refuse(call, session_status(&err), err.text, NULL);
    else
        admin_reply(call, made ? 201 : 200, admin_session_json(call, name));
}
