/* SPDX-License-Identifier: Apache-2.0 */
/* The verdict in JSON, and as a text for people. */
#include "core/base/str.h"
#include "mock/verify/verify.h"

#include <inttypes.h>
#include <string.h>

enum { CAME_SHOWN = 20, COLUMN_MAX = 40, PASSED_SHOWN = 10 };

/* ---- words ---- */

const char *verify_times(struct arena *arena, const struct expected *expected)
{
    long long least = (long long)expected->least, most = (long long)expected->most;
    if (!most)
        return "none";
    if (least == most)
        return arena_printf(arena, "exactly %lld", least);
    if (most == VERIFY_MANY)
        return arena_printf(arena, "at least %lld", least);
    return least ? arena_printf(arena, "%lld to %lld", least, most)
                 : arena_printf(arena, "at most %lld", most);
}

static void add_request_line(const struct journal_record *record, const char *indent,
                             struct strbuf *out)
{
    strbuf_adds(out, indent);
    request_line(record, out);
    strbuf_addch(out, '\n');
}

static void add_near(const struct near_requests *near, const char *indent, struct strbuf *out)
{
    const cJSON *difference;
    for (size_t i = 0; i < near->count; i++) {
        strbuf_addf(out, "%snear ", indent);
        add_request_line(near->items[i].record, "", out);
        cJSON_ArrayForEach (difference, near->items[i].differences)
            strbuf_addf(out, "%s     %s\n", indent, difference->valuestring);
    }
}

static const char *plural(size_t count)
{
    return count == 1 ? "" : "s";
}

/* The newest of them. */
static void add_records(const struct journal_record *const *records, size_t count,
                        struct strbuf *out)
{
    size_t from = count > CAME_SHOWN ? count - CAME_SHOWN : 0;
    if (from)
        strbuf_addf(out, "    ... %zu before\n", from);
    for (size_t i = from; i < count; i++)
        add_request_line(records[i], "    ", out);
}

/* ---- the checks as text ---- */

static const char *begin(bool holds)
{
    return holds ? "kept" : "NOT KEPT";
}

static void add_count(struct admin_call *call, const struct verdict *verdict, struct strbuf *out)
{
    const struct expected *whole = &verdict->wanted->whole;
    strbuf_addf(out, "%s: %s: expected %s, came %zu\n", begin(verdict->count_holds), whole->words,
                verify_times(call->arena, whole), verdict->count);
    if (verdict->count_holds)
        return;
    add_near(&verdict->near, "  ", out);
    if (verdict->count) {
        strbuf_adds(out, "  these fit:\n");
        add_records(verdict->records, verdict->count, out);
    }
}

static size_t column_width(const struct verdict *verdict)
{
    size_t width = 0;
    for (size_t i = 0; i < verdict->wanted->steps.count; i++) {
        size_t len = strlen(verdict->wanted->steps.items[i].words);
        if (len > width)
            width = len;
    }
    return width < COLUMN_MAX ? width : COLUMN_MAX;
}

static void add_step(const struct aligned *line, size_t width, struct strbuf *out)
{
    const char *indent = "           ";
    const struct expected *step = line->step;
    strbuf_addf(out, "  %c %3zu %-*s  ", line->record ? ' ' : '-', line->number, (int)width,
                step->words);
    if (line->record) {
        add_request_line(line->record, "", out);
        return;
    }
    strbuf_adds(out, "did not come");
    if (line->early) {
        strbuf_adds(out, " in its turn, but before:\n");
        add_request_line(line->early, indent, out);
        return;
    }
    strbuf_addch(out, '\n');
    add_near(&line->near, indent, out);
}

/* How many lines from here on are requests that nothing expected, and are not wrong. */
static size_t passed_from(const struct verdict *verdict, size_t at)
{
    size_t count = 0;
    while (at + count < verdict->lines.count && !verdict->lines.items[at + count].step &&
           !verdict->lines.items[at + count].is_wrong)
        count++;
    return count;
}

static void add_order(struct admin_call *call, const struct verdict *verdict, struct strbuf *out)
{
    size_t width = column_width(verdict), missing = 0, extra = 0;
    (void)call;
    for (size_t i = 0; i < verdict->lines.count; i++) {
        missing += verdict->lines.items[i].is_wrong && verdict->lines.items[i].step;
        extra += verdict->lines.items[i].is_wrong && !verdict->lines.items[i].step;
    }
    strbuf_addf(out, "%s: in order%s: %zu step%s among %zu request%s", begin(verdict->order_holds),
                verdict->wanted->is_exact ? " and nothing else" : "", verdict->wanted->steps.count,
                plural(verdict->wanted->steps.count), verdict->count, plural(verdict->count));
    if (missing)
        strbuf_addf(out, ", %zu did not come", missing);
    if (extra)
        strbuf_addf(out, ", %zu came that nothing expects", extra);
    strbuf_addch(out, '\n');
    for (size_t i = 0; i < verdict->lines.count && !verdict->order_holds; i++) {
        const struct aligned *line = &verdict->lines.items[i];
        size_t passed = passed_from(verdict, i);
        if (line->step) {
            add_step(line, width, out);
        } else if (passed > PASSED_SHOWN) {
            strbuf_addf(out, "    ... %*s  %zu others\n", (int)width, "", passed);
            i += passed - 1;
        } else {
            strbuf_addf(out, "  %c     %*s", line->is_wrong ? '+' : ' ', (int)width, "");
            add_request_line(line->record, "  ", out);
        }
    }
}

static void add_never(const struct never_came *came, struct strbuf *out)
{
    if (!came->count)
        strbuf_addf(out, "kept: never %s\n", came->never->words);
    else
        strbuf_addf(out, "NOT KEPT: never %s: came %zu time%s\n", came->never->words, came->count,
                    plural(came->count));
    add_records(came->items, came->count, out);
}

/* What came at all, when nobody could be shown that was near. */
static bool is_bare(const struct verdict *verdict)
{
    return verdict->wanted->is_counted && !verdict->count_holds && !verdict->count &&
           !verdict->near.count;
}

void verdict_text(struct admin_call *call, const struct verdict *verdict, struct strbuf *out)
{
    if (verdict->wanted->is_counted)
        add_count(call, verdict, out);
    if (is_bare(verdict) && verdict->everything_count) {
        strbuf_adds(out, "  came:\n");
        add_records(verdict->everything, verdict->everything_count, out);
    } else if (is_bare(verdict)) {
        strbuf_adds(out, "  nothing came at all\n");
    }
    if (verdict->wanted->is_ordered)
        add_order(call, verdict, out);
    for (size_t i = 0; i < verdict->never.count; i++)
        add_never(&verdict->never.items[i], out);
    if (!verdict->is_complete)
        strbuf_addf(out,
                    "%s: the journal had no room for %" PRIu64 " requests, which may be among "
                    "these; 'since' or DELETE /__admin/requests begin anew\n",
                    verdict->needs_all ? "NOT KEPT" : "note", verdict->dropped);
}

/* ---- the checks as JSON ---- */

cJSON *near_requests_json(struct arena *arena, const struct near_requests *near)
{
    cJSON *all = tree_array(arena);
    for (size_t i = 0; i < near->count; i++) {
        cJSON *one = request_json(arena, near->items[i].record, RECORD_SHORT);
        tree_set(arena, one, "differences", tree_copy(arena, near->items[i].differences));
        tree_append(all, one);
    }
    return all;
}

static cJSON *records_json(struct arena *arena, const struct journal_record *const *records,
                           size_t count)
{
    cJSON *all = tree_array(arena);
    for (size_t i = count > CAME_SHOWN ? count - CAME_SHOWN : 0; i < count; i++)
        tree_append(all, request_json(arena, records[i], RECORD_SHORT));
    return all;
}

static void set_count(struct arena *arena, cJSON *body, const struct verdict *verdict)
{
    const struct expected *whole = &verdict->wanted->whole;
    tree_set_string(arena, body, "what", whole->words);
    tree_set_string(arena, body, "expected", verify_times(arena, whole));
    admin_set_integer(arena, body, "count", (int64_t)verdict->count);
    tree_set(arena, body, "requests", records_json(arena, verdict->records, verdict->count));
    if (verdict->near.count)
        tree_set(arena, body, "near", near_requests_json(arena, &verdict->near));
}

static cJSON *order_json(struct arena *arena, const struct verdict *verdict)
{
    cJSON *lines = tree_array(arena);
    for (size_t i = 0; i < verdict->lines.count; i++) {
        const struct aligned *line = &verdict->lines.items[i];
        cJSON *json = tree_object(arena);
        if (!line->step && !line->is_wrong)
            continue; /* they may come between */
        if (line->step) {
            admin_set_integer(arena, json, "step", (int64_t)line->number);
            tree_set_string(arena, json, "what", line->step->words);
        }
        admin_set_bool(arena, json, "ok", !line->is_wrong);
        if (line->record)
            tree_set(arena, json, "request", request_json(arena, line->record, RECORD_SHORT));
        if (line->early)
            tree_set(arena, json, "came_before", request_json(arena, line->early, RECORD_SHORT));
        if (line->near.count)
            tree_set(arena, json, "near", near_requests_json(arena, &line->near));
        tree_append(lines, json);
    }
    return lines;
}

static cJSON *never_json(struct arena *arena, const struct verdict *verdict)
{
    cJSON *all = tree_array(arena);
    for (size_t i = 0; i < verdict->never.count; i++) {
        const struct never_came *came = &verdict->never.items[i];
        cJSON *json = tree_object(arena);
        tree_set_string(arena, json, "what", came->never->words);
        admin_set_bool(arena, json, "ok", !came->count);
        admin_set_integer(arena, json, "count", (int64_t)came->count);
        tree_set(arena, json, "requests", records_json(arena, came->items, came->count));
        tree_append(all, json);
    }
    return all;
}

cJSON *verdict_json(struct admin_call *call, const struct verdict *verdict)
{
    struct arena *arena = call->arena;
    cJSON *body = tree_object(arena);
    struct strbuf text = STRBUF_INIT(LIMIT_DOCUMENT);
    admin_set_bool(arena, body, "ok", verdict->holds);
    if (verdict->wanted->is_counted)
        set_count(arena, body, verdict);
    if (verdict->wanted->is_ordered)
        tree_set(arena, body, "in_order", order_json(arena, verdict));
    if (verdict->never.count)
        tree_set(arena, body, "never", never_json(arena, verdict));
    admin_set_bool(arena, body, "complete", verdict->is_complete);
    verdict_text(call, verdict, &text);
    tree_set(arena, body, "text", tree_string_n(arena, text.buf, text.len));
    strbuf_release(&text);
    return body;
}
