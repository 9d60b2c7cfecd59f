/* SPDX-License-Identifier: Apache-2.0 */
#include "runner/drift/text.h"

#include "core/base/str.h"

static const char *plural(size_t count, const char *one, const char *many)
{
    return count == 1 ? one : many;
}

/* ---- a finding ---- */

const char *drift_subject(struct arena *arena, const struct drift_finding *finding)
{
    static const char *const forms[DRIFT_ASPECTS] = {
        [DRIFT_STEP] = "one side cannot go on",
        [DRIFT_STATUS] = "status",
        [DRIFT_MEDIA] = "media type",
        [DRIFT_HEADER] = "header ",
        [DRIFT_MEMBER] = "member ",
        [DRIFT_TYPE] = "type of ",
        [DRIFT_FORMAT] = "format of ",
        [DRIFT_VALUE] = "value of ",
        [DRIFT_RULE] = "rule ",
        [DRIFT_STATES] = "states of ",
        [DRIFT_EVENTS] = "events of the stream",
    };
    const char *form = forms[finding->aspect];
    if (finding->aspect == DRIFT_STEP && finding->kind == DRIFT_NOTE)
        return "one side cannot be asked for this";
    if (form[strlen(form) - 1] != ' ')
        return form;
    return arena_printf(arena, "%s%s", form, *finding->path ? finding->path : "the body");
}

const char *drift_allows(const struct drift_finding *finding)
{
    static const char *const names[2][2] = {{"both", "left"}, {"right", "neither"}};
    if (finding->kind == DRIFT_NOTE || finding->aspect == DRIFT_STEP)
        return NULL;
    return names[finding->side[DRIFT_LEFT].broken != NULL]
                [finding->side[DRIFT_RIGHT].broken != NULL];
}

static void add_place(struct place place, struct strbuf *out)
{
    if (!place.file)
        return;
    strbuf_adds(out, " (");
    place_print(place, out);
    strbuf_adds(out, ")");
}

static int name_width(const struct drift *drift)
{
    size_t left = strlen(drift->side[DRIFT_LEFT].name);
    size_t right = strlen(drift->side[DRIFT_RIGHT].name);
    return (int)(left > right ? left : right);
}

/* "mock | 404 (GET /runs/1)" */
static void add_shown(const struct drift *drift, const struct drift_finding *finding, int side,
                      const char *indent, struct strbuf *out)
{
    const struct drift_shown *shown = &finding->side[side];
    strbuf_addf(out, "%s  %-*s | %s", indent, name_width(drift), drift->side[side].name,
                shown->text);
    if (shown->like)
        strbuf_addf(out, ", such as %s", shown->like);
    strbuf_adds(out, "\n");
}

static void add_contract(const struct drift *drift, const struct drift_finding *finding,
                         const char *indent, struct strbuf *out)
{
    for (int side = 0; side < DRIFT_SIDES; side++) {
        const struct drift_shown *shown = &finding->side[side];
        if (!shown->broken)
            continue;
        strbuf_addf(out, "%s  %s breaks the contract: %.*s", indent, drift->side[side].name,
                    (int)strcspn(shown->broken, "\n"), shown->broken);
        add_place(shown->rule, out);
        strbuf_adds(out, "\n");
    }
    if (finding->aspect == DRIFT_STEP ||
        (finding->kind != DRIFT_DIFFERENCE && finding->kind != DRIFT_VARIATION))
        return;
    strbuf_addf(out, "%s  the contract allows both", indent);
    add_place(finding->contract, out);
    strbuf_adds(out, "\n");
}

static void add_exchange(const struct drift *drift, const struct drift_finding *finding, int side,
                         const char *indent, struct strbuf *out)
{
    const struct seen *seen = finding->side[side].seen;
    const char *host = seen ? strstr(seen->url, "://") : NULL;
    const char *path = host ? strchr(host + 3, '/') : NULL;
    if (seen)
        strbuf_addf(out, "%s  %-*s : %s %s -> %d\n", indent, name_width(drift),
                    drift->side[side].name, seen->method, path ? path : seen->url,
                    seen->response->status);
}

void drift_finding_text(const struct drift *drift, const struct drift_finding *finding,
                        struct arena *arena, const char *indent, struct strbuf *out)
{
    strbuf_addf(out, "%s%s: %s\n", indent, drift_kind_names[finding->kind],
                drift_subject(arena, finding));
    add_shown(drift, finding, DRIFT_LEFT, indent, out);
    add_shown(drift, finding, DRIFT_RIGHT, indent, out);
    add_contract(drift, finding, indent, out);
    strbuf_addf(out, "%s  %sworkflow %s, step %s", indent,
                finding->count == 1 ? "in "
                                    : arena_printf(arena, "%zu times, first in ", finding->count),
                finding->workflow, finding->step);
    add_place(finding->place, out);
    strbuf_adds(out, "\n");
    add_exchange(drift, finding, DRIFT_LEFT, indent, out);
    add_exchange(drift, finding, DRIFT_RIGHT, indent, out);
    if (finding->hanging)
        strbuf_addf(out, "%s  %zu step%s behind it %s not compared\n", indent, finding->hanging,
                    plural(finding->hanging, "", "s"), plural(finding->hanging, "was", "were"));
}

bool drift_is_of(const struct drift_finding *finding, const struct drift_operation *row)
{
    return text_is(finding->operation, row->name) && text_is(finding->provider, row->provider);
}

/* ---- operations ---- */

bool drift_differs(const struct drift_operation *row)
{
    for (int kind = 0; kind < DRIFT_NOTE; kind++)
        if (row->told[kind])
            return true;
    return false;
}

const char *drift_operation_result(const struct drift_operation *row)
{
    if (drift_differs(row))
        return "differs";
    if (row->compared)
        return "same";
    return row->only[DRIFT_LEFT] || row->only[DRIFT_RIGHT] ? "one side only" : "not compared";
}

/* "1 breach, 2 variations" */
static void add_kinds(const size_t counts[DRIFT_KINDS], bool with_none, struct strbuf *out)
{
    static const char *const many[DRIFT_KINDS] = {"breaches", "differences", "variations", "notes"};
    const char *comma = "";
    for (int kind = 0; kind < DRIFT_KINDS; kind++) {
        if (!counts[kind] && !with_none)
            continue;
        strbuf_addf(out, "%s%zu %s", comma, counts[kind],
                    plural(counts[kind], drift_kind_names[kind], many[kind]));
        comma = ", ";
    }
}

void drift_operation_text(const struct drift *drift, const struct drift_operation *row,
                          struct strbuf *out)
{
    strbuf_adds(out, drift_operation_result(row));
    if (drift_differs(row) || row->told[DRIFT_NOTE]) {
        strbuf_adds(out, ": ");
        add_kinds(row->told, false, out);
    }
    if (row->made)
        strbuf_addf(out, "; %zu held against an example of the schema alone", row->made);
    for (int side = 0; side < DRIFT_SIDES; side++)
        if (row->only[side])
            strbuf_addf(out, "; %zu played by %s only", row->only[side], drift->side[side].name);
    if (row->hanging)
        strbuf_addf(out, "; %zu not compared", row->hanging);
}

/* ---- all of it ---- */

const char *drift_unreachable(const struct drift *drift, struct arena *arena)
{
    for (int side = 0; side < DRIFT_SIDES; side++)
        if (drift->side[side].result->unreachable)
            return arena_printf(arena, "%s cannot be compared: %s", drift->side[side].name,
                                drift->side[side].result->unreachable);
    return NULL;
}

void drift_summary(const struct drift *drift, struct arena *arena, struct strbuf *out)
{
    const struct drift_counts *counts = &drift->counts;
    strbuf_addf(out, "%zu workflow%s at both sides, %zu step%s compared (%zu and %zu exchanges): ",
                counts->workflows, plural(counts->workflows, "", "s"), counts->steps,
                plural(counts->steps, "", "s"), counts->exchanges[DRIFT_LEFT],
                counts->exchanges[DRIFT_RIGHT]);
    add_kinds(counts->kinds, true, out);
    if (counts->ignored)
        strbuf_addf(out, ", %zu ignored", counts->ignored);
    strbuf_adds(out, "\n");
    for (int side = 0; side < DRIFT_SIDES; side++) {
        const struct run_counts *judged = &drift->side[side].result->counts;
        if (judged->violations || judged->deviations)
            strbuf_addf(out, "%s: %zu violation%s, %zu deviation%s of the contract in all\n",
                        drift->side[side].name, judged->violations,
                        plural(judged->violations, "", "s"), judged->deviations,
                        plural(judged->deviations, "", "s"));
    }
    if (drift_unreachable(drift, arena))
        strbuf_addf(out, "%s\n", drift_unreachable(drift, arena));
}
