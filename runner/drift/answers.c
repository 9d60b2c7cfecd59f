/* SPDX-License-Identifier: Apache-2.0 */
/* What two sides answered to one step: statuses, media types, headers, then what is in them. */
#include "core/base/str.h"
#include "runner/drift/parts.h"

static const char *const of_statuses[] = {"status", "row", "rule", "move", "deleted", "http", NULL};

/* ---- statuses ---- */

static const char *last_of(const char *statuses)
{
    const char *comma = strrchr(statuses, ',');
    return comma ? comma + 2 : statuses;
}

static void compare_statuses(const struct spot_of_drift *at, bool by_look)
{
    struct drift *drift = at->drifting->drift;
    struct drift_finding finding = {.aspect = DRIFT_STATUS};
    for (int side = 0; side < DRIFT_SIDES; side++) {
        struct drift_shown *shown = &finding.side[side];
        const struct attempt *last = looks_last(at->unit[side], at->operation, by_look);
        shown->text = looks_statuses(at->drifting->arena, at->unit[side], at->operation, by_look);
        if (!shown->text)
            return; /* nothing was sent */
        if (last) {
            shown->seen = last->seen;
            attempt_breaks(&drift->side[side], last, of_statuses, shown);
        }
    }
    const char *left = finding.side[DRIFT_LEFT].text, *right = finding.side[DRIFT_RIGHT].text;
    bool is_on_the_way = text_is(last_of(left), last_of(right));
    if (text_is(left, right))
        return;
    finding.kind = drift_kind_of(&finding, is_on_the_way ? DRIFT_VARIATION : DRIFT_DIFFERENCE);
    drift_tell(at, finding);
}

/* ---- media types and headers ---- */

static const char *media_of(struct arena *arena, const struct look *look)
{
    const struct seen *seen = look->attempts.items[0]->seen;
    const char *type = header_find(&seen->response->headers, "Content-Type");
    size_t len = type ? strcspn(type, "; ") : 0;
    char *copy = len ? arena_strndup(arena, type, len) : NULL;
    for (char *at = copy; at && *at; at++)
        *at = *at >= 'A' && *at <= 'Z' ? (char)(*at + ('a' - 'A')) : *at;
    return copy ? copy : "none";
}

/* False when they differ: then what is in the bodies cannot be the same. */
static bool has_same_media(const struct spot_of_drift *at, const struct look *const looks[])
{
    static const char *const of_media[] = {"body", NULL};
    struct drift_finding finding = {.aspect = DRIFT_MEDIA};
    for (int side = 0; side < DRIFT_SIDES; side++) {
        const struct attempt *first = looks[side]->attempts.items[0];
        finding.side[side].text = media_of(at->drifting->arena, looks[side]);
        finding.side[side].seen = first->seen;
        attempt_breaks(&at->drifting->drift->side[side], first, of_media, &finding.side[side]);
    }
    if (text_is(finding.side[DRIFT_LEFT].text, finding.side[DRIFT_RIGHT].text))
        return true;
    finding.kind = drift_kind_of(&finding, DRIFT_DIFFERENCE);
    drift_tell(at, finding);
    return false;
}

/* So many of the look's answers have the header. */
static size_t with_header(const struct look *look, const char *name)
{
    size_t count = 0;
    for (size_t i = 0; i < look->attempts.count; i++)
        count += header_find(&look->attempts.items[i]->seen->response->headers, name) != NULL;
    return count;
}

static void compare_header(const struct spot_of_drift *at, const struct look *const looks[],
                           const struct parameter *header)
{
    size_t left = with_header(looks[DRIFT_LEFT], header->name);
    size_t right = with_header(looks[DRIFT_RIGHT], header->name);
    struct drift_finding finding = {
        .aspect = DRIFT_HEADER, .path = header->name, .contract = tree_place(header->node)};
    bool is_left = left == looks[DRIFT_LEFT]->attempts.count && !right;
    bool is_right = right == looks[DRIFT_RIGHT]->attempts.count && !left;
    if (!is_left && !is_right)
        return;
    for (int side = 0; side < DRIFT_SIDES; side++) {
        bool has = side == DRIFT_LEFT ? is_left : is_right;
        finding.side[side].text = has ? "sent" : "absent";
        finding.side[side].seen = looks[side]->attempts.items[0]->seen;
        if (!has && header->required) {
            finding.side[side].broken = "required but missing";
            finding.side[side].rule = tree_place(header->node);
        }
    }
    finding.kind = drift_kind_of(&finding, DRIFT_VARIATION);
    drift_tell(at, finding);
}

static void compare_headers(const struct spot_of_drift *at, const struct look *const looks[])
{
    const struct seen *seen = looks[DRIFT_LEFT]->attempts.items[0]->seen;
    const struct response *documented = seen->checked ? seen->checked->documented : NULL;
    const struct parameter *header;
    if (!documented)
        return;
    vec_foreach (header, &documented->headers)
        if (!text_is_any_case(header->name, "Content-Type"))
            compare_header(at, looks, header);
}

/* ---- what breaks a rule at one side alone ---- */

/* Answers that look alike, and one of them is wrong. It may follow from what differs elsewhere in
 * the workflow: told when nothing does. */
static void compare_rules(const struct spot_of_drift *at, const struct look *const looks[])
{
    struct drift_finding finding = {.kind = DRIFT_BREACH, .aspect = DRIFT_RULE};
    int breaking = 0, broken = DRIFT_LEFT;
    for (int side = 0; side < DRIFT_SIDES; side++) {
        struct drift_shown *shown = &finding.side[side];
        shown->text = "kept";
        for (size_t i = 0; i < looks[side]->attempts.count && !shown->broken; i++) {
            shown->seen = looks[side]->attempts.items[i]->seen;
            const struct verdict *verdict = attempt_breaks(
                &at->drifting->drift->side[side], looks[side]->attempts.items[i], NULL, shown);
            finding.path = verdict ? verdict->rule : finding.path;
        }
        if (shown->broken) {
            shown->text = "broken";
            broken = side;
            breaking++;
        }
    }
    struct broken_rule rule = {*at, finding};
    if (breaking == 1 && finding.side[broken].broken)
        vec_push_arena(at->drifting->arena, &at->drifting->rules, rule);
}

/* ---- all of a step ---- */

static void add_bodies(struct values *values, int side, const struct look *look)
{
    struct arena *arena = values->at->drifting->arena;
    for (size_t i = 0; i < look->attempts.count; i++) {
        const struct seen *seen = look->attempts.items[i]->seen;
        const struct media_type *media = seen->checked ? seen->checked->media : NULL;
        struct sample sample = {.attempt = look->attempts.items[i],
                                .value = seen->answer,
                                .schema = media ? media->schema : NULL,
                                .observed = &seen->observed,
                                .is_made = is_made_of_schema(seen)};
        vec_push_arena(arena, &values->samples[side], sample);
    }
}

static void compare_looks(const struct spot_of_drift *at, const struct look *left,
                          const struct look *right, bool has_other_states)
{
    const struct look *const looks[] = {left, right};
    struct values values = {.at = at, .has_other_states = has_other_states};
    size_t before = drift_told(at->drifting->drift);
    if (!has_same_media(at, looks))
        return;
    compare_headers(at, looks);
    if (left->attempts.items[0]->seen->response->is_stream) {
        events_compare(at, looks);
    } else {
        add_bodies(&values, DRIFT_LEFT, left);
        add_bodies(&values, DRIFT_RIGHT, right);
        values_compare(&values);
    }
    if (drift_told(at->drifting->drift) == before && !has_other_states)
        compare_rules(at, looks);
}

/* Looks that nothing matches yet, of one status: in another state, the answers are still alike. */
static struct look *find_like(struct looks *looks, int status)
{
    struct look *look;
    vec_foreach (look, looks)
        if (!look->is_matched && look->status == status)
            return look;
    return NULL;
}

void answers_compare(const struct spot_of_drift *at, bool by_look)
{
    struct arena *arena = at->drifting->arena;
    struct looks left = looks_of(arena, at->unit[DRIFT_LEFT], at->operation, by_look);
    struct looks right = looks_of(arena, at->unit[DRIFT_RIGHT], at->operation, by_look);
    struct look *look, *other;
    compare_statuses(at, by_look);
    vec_foreach (look, &left)
        vec_foreach (other, &right)
            if (!look->is_matched && !other->is_matched && text_is(look->key, other->key)) {
                look->is_matched = other->is_matched = true;
                compare_looks(at, look, other, false);
            }
    vec_foreach (look, &left) {
        other = look->is_matched ? NULL : find_like(&right, look->status);
        if (!other)
            continue;
        look->is_matched = other->is_matched = true;
        compare_looks(at, look, other, true);
    }
}
