/* SPDX-License-Identifier: Apache-2.0 */
#include "mock/faults/kind.h"

#include "core/base/str.h"
#include "core/net/digest.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>

static const struct fault_kind *const tables[] = {
    lifecycle_faults, stream_faults, webhook_faults, slow_faults,
    refusal_faults,   cut_faults,    body_faults,    NULL,
};

const char *const fault_effect_choices[] = {"none", "applied", NULL};

const char *fault_group_name(enum fault_group group)
{
    static const char *const names[FAULT_GROUPS] = {"lifecycle", "stream", "webhook", "wire",
                                                    "body"};
    return names[group];
}

const char *fault_effect_name(enum fault_effect effect)
{
    static const char *const names[FAULT_EFFECTS] = {"applied", "none", "none or applied"};
    return names[effect];
}

static bool is_in(const struct fault_kind *table, const struct fault_kind *kind)
{
    while (table->name && table != kind)
        table++;
    return table->name != NULL;
}

static const struct fault_kind *first_from(const struct fault_kind *const *table)
{
    while (*table && !(*table)->name)
        table++;
    return *table;
}

const struct fault_kind *next_fault_kind(const struct fault_kind *before)
{
    const struct fault_kind *const *table = tables;
    if (!before)
        return first_from(tables);
    while (!is_in(*table, before))
        table++;
    return before[1].name ? before + 1 : first_from(table + 1);
}

const struct fault_kind *find_fault_kind(const char *name)
{
    const struct fault_kind *kind = NULL;
    while ((kind = next_fault_kind(kind)))
        if (text_is(kind->name, name))
            return kind;
    return NULL;
}

static const char *next_name(void *state)
{
    const struct fault_kind **kind = state;
    *kind = next_fault_kind(*kind);
    return *kind ? (*kind)->name : NULL;
}

const char *nearest_fault_kind(const char *name)
{
    const struct fault_kind *kind = NULL;
    return text_nearest(name, next_name, &kind);
}

/* ---- parameters ---- */

static bool is_in_range(const struct fault_parameter *parameter, double number)
{
    if (parameter->least == 0 && parameter->most == 0)
        return number >= 0;
    return number >= parameter->least && number <= parameter->most;
}

static bool read_number(const struct fault_parameter *parameter, const char *text,
                        struct fault_value *value)
{
    char *end;
    errno = 0;
    value->number = strtod(text, &end);
    value->integer = (int64_t)value->number;
    if (end == text || *end || errno || !isfinite(value->number))
        return false;
    if (parameter->type == FAULT_INTEGER && value->number != floor(value->number))
        return false;
    return fabs(value->number) < 9e15 && is_in_range(parameter, value->number);
}

static bool read_choice(const struct fault_parameter *parameter, const char *text,
                        struct fault_value *value)
{
    for (int64_t i = 0; parameter->choices[i]; i++) {
        value->integer = i;
        if (text_is(parameter->choices[i], text))
            return true;
    }
    return false;
}

static bool is_base64(const char *text)
{
    struct strbuf bytes = STRBUF_INIT(LIMIT_BODY);
    bool is_right = base64_decode(&bytes, text, strlen(text)) == 0;
    strbuf_release(&bytes);
    return is_right;
}

static bool read_value(const struct fault_parameter *parameter, const char *text,
                       struct fault_value *value)
{
    value->is_given = true;
    value->text = text;
    switch (parameter->type) {
    case FAULT_INTEGER:
    case FAULT_NUMBER:
        return read_number(parameter, text, value);
    case FAULT_DURATION:
        return duration_parse(text, &value->integer) == 0 && value->integer >= 0;
    case FAULT_CHOICE:
        return read_choice(parameter, text, value);
    case FAULT_FLAG:
        value->integer = text_is(text, "true");
        return value->integer || text_is(text, "false");
    case FAULT_BASE64:
        return is_base64(text);
    case FAULT_TEXT:
    case FAULT_ERROR:
        return true;
    }
    return false;
}

void fault_parameter_print(const struct fault_parameter *parameter, struct strbuf *out)
{
    static const char *const names[] = {
        [FAULT_INTEGER] = "an integer",
        [FAULT_NUMBER] = "a number",
        [FAULT_DURATION] = "a duration (200ms, 3s)",
        [FAULT_TEXT] = "a text",
        [FAULT_CHOICE] = "one of",
        [FAULT_FLAG] = "true or false",
        [FAULT_BASE64] = "base64",
        [FAULT_ERROR] = "an error of the service ('dryrun list errors')",
    };
    bool is_number = parameter->type == FAULT_INTEGER || parameter->type == FAULT_NUMBER;
    strbuf_adds(out, names[parameter->type]);
    if (is_number && (parameter->least != 0 || parameter->most != 0))
        strbuf_addf(out, " from %.15g to %.15g", parameter->least, parameter->most);
    else if (is_number)
        strbuf_adds(out, ", not negative");
    for (size_t i = 0; parameter->type == FAULT_CHOICE && parameter->choices[i]; i++)
        strbuf_addf(out, "%s%s", i ? ", " : " ", parameter->choices[i]);
}

struct fault_value *fault_values_new(struct arena *arena, const struct fault_kind *kind)
{
    size_t count = 0;
    while (kind->parameters && kind->parameters[count].name)
        count++;
    struct fault_value *values = arena_alloc(arena, (count + 1) * sizeof *values);
    for (size_t i = 0; i < count; i++)
        if (kind->parameters[i].fallback)
            read_value(&kind->parameters[i], kind->parameters[i].fallback, &values[i]);
    return values;
}

static int refuse_name(const struct fault_kind *kind, const char *name, struct error *err)
{
    const char *known[32] = {NULL};
    size_t count = 0;
    for (; kind->parameters && kind->parameters[count].name && count < 32; count++)
        known[count] = kind->parameters[count].name;
    const char *near = text_nearest_of(name, known, count);
    if (!count)
        return fail(err, ERROR_INVALID, "fault '%s' takes no parameters, but '%s' is given",
                    kind->name, name);
    return fail(err, ERROR_INVALID, "fault '%s' has no parameter '%s' (%s '%s'%s)", kind->name,
                name, near ? "did you mean" : "the first is", near ? near : known[0],
                near ? "?" : "");
}

int fault_value_read(const struct fault_kind *kind, const char *name, const char *text,
                     struct fault_value *values, struct error *err)
{
    for (size_t i = 0; kind->parameters && kind->parameters[i].name; i++) {
        const struct fault_parameter *parameter = &kind->parameters[i];
        if (!text_is(parameter->name, name))
            continue;
        if (read_value(parameter, text, &values[i]))
            return 0;
        struct strbuf wanted = STRBUF_INIT(LIMIT_MESSAGE);
        fault_parameter_print(parameter, &wanted);
        fail(err, ERROR_INVALID, "parameter '%s' of fault '%s' is %s, not '%s'", name, kind->name,
             wanted.buf, text);
        strbuf_release(&wanted);
        return -1;
    }
    return refuse_name(kind, name, err);
}
