/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base/mem.h"
#include "core/data/json.h"
#include "core/data/node.h"
#include "core/data/plain.h"
#include "core/data/utf8.h"

#include <stdlib.h>

enum { FEW_MEMBERS = 32 };

struct writer {
    struct strbuf *out;
    enum json_style style;
    bool ascii;
};

static void print_escape(uint32_t code, struct strbuf *out)
{
    static const char hex[] = "0123456789abcdef";
    char text[6] = {
        '\\', 'u', hex[code >> 12 & 15], hex[code >> 8 & 15], hex[code >> 4 & 15], hex[code & 15]};
    strbuf_add(out, text, sizeof text);
}

static void print_control(unsigned char byte, struct strbuf *out)
{
    static const char short_forms[] = "btn\0fr"; /* from U+0008 on; U+000B has none */
    char form = byte >= 8 && byte <= 13 ? short_forms[byte - 8] : '\0';
    if (form) {
        strbuf_add(out, (char[]){'\\', form}, 2);
        return;
    }
    print_escape(byte, out);
}

static void print_code(uint32_t code, struct strbuf *out)
{
    if (code >= 0x10000) {
        print_escape(0xD800 + ((code - 0x10000) >> 10), out);
        code = 0xDC00 + ((code - 0x10000) & 0x3FF);
    }
    print_escape(code, out);
}

/* Bytes at the start that are written as they are; texts from outside may be no UTF-8, so it is
 * checked. */
static size_t written_length(const char *text, size_t len, bool ascii)
{
    const char *at = text, *end = text + len;
    for (;;) {
        at += plain_length(at, (size_t)(end - at));
        size_t more = ascii || at == end || (unsigned char)*at < 0x80 ? 0 : utf8_length(at, end);
        if (!more)
            return (size_t)(at - text);
        at += more;
    }
}

/* What is no plain byte: an escape, U+0000 (C0 80 here), beyond ASCII, or no UTF-8 (as U+FFFD). */
static const char *print_special(const char *text, bool ascii, struct strbuf *out)
{
    unsigned char byte = (unsigned char)*text;
    if (byte == '"' || byte == '\\') {
        strbuf_add(out, (char[]){'\\', *text}, 2);
    } else if (byte < 0x20) {
        print_control(byte, out);
    } else if (utf8_length(text, text + UTF8_MAX) ||
               (byte == 0xC0 && (unsigned char)text[1] == 0x80)) {
        print_code(utf8_decode(&text), out);
        return text;
    } else {
        strbuf_adds(out, ascii ? "\\ufffd" : "\xEF\xBF\xBD");
    }
    return text + 1;
}

static void print_parts(const char *text, size_t len, bool ascii, struct strbuf *out)
{
    const char *end = text + len;
    strbuf_addch(out, '"');
    for (;;) {
        size_t written = written_length(text, (size_t)(end - text), ascii);
        strbuf_add(out, text, written);
        text += written;
        if (text >= end)
            break;
        text = print_special(text, ascii, out);
    }
    strbuf_addch(out, '"');
}

/* Names and most values are short: of 4 to 16 bytes two words are tested, which may overlap, and
 * written as they are. False: longer, shorter, or there may be something special in it. */
static inline bool put_short(char *to, const char *text, size_t len)
{
    if (len - 8 <= 8) {
        uint64_t first, last;
        memcpy(&first, text, sizeof first);
        memcpy(&last, text + len - sizeof last, sizeof last);
        if (find_special((const char *)&first) | find_special((const char *)&last))
            return false;
        memcpy(to, &first, sizeof first);
        memcpy(to + len - sizeof last, &last, sizeof last);
        return true;
    }
    if (len - 4 >= 4)
        return false;
    uint32_t first, last;
    memcpy(&first, text, sizeof first);
    memcpy(&last, text + len - sizeof last, sizeof last);
    uint64_t both = first | (uint64_t)last << 32;
    if (find_special((const char *)&both))
        return false;
    memcpy(to, &first, sizeof first);
    memcpy(to + len - sizeof last, &last, sizeof last);
    return true;
}

/* The text as it is, when nothing in it has to be written otherwise. */
static inline bool put_plain(char *to, const char *text, size_t len)
{
    if (put_short(to, text, len))
        return true;
    if (!is_all_plain(text, len))
        return false;
    memcpy(to, text, len);
    return true;
}

static void print_text(const char *text, bool ascii, struct strbuf *out)
{
    size_t len = strlen(text);
    char *at = strbuf_extend(out, len + 2);
    if (at && put_plain(at + 1, text, len)) {
        at[0] = at[len + 1] = '"';
        return;
    }
    if (at)
        out->len -= len + 2;
    print_parts(text, len, ascii, out);
}

/* Most members are a plain text with a plain name, which are written at once: "name":"text". */
static bool print_plain_member(const cJSON *member, struct strbuf *out)
{
    const char *name = member->string, *text = member->valuestring;
    size_t name_len = strlen(name), len = strlen(text);
    char *at = strbuf_extend(out, name_len + len + 5);
    if (at && put_plain(at + 1, name, name_len) && put_plain(at + name_len + 4, text, len)) {
        at[0] = at[name_len + 1] = '"';
        at[name_len + 2] = ':';
        at[name_len + 3] = at[name_len + len + 4] = '"';
        return true;
    }
    if (at)
        out->len -= name_len + len + 5;
    return false;
}

void json_print_string(const char *text, struct strbuf *out)
{
    print_text(text, false, out);
}

static void print_line(struct writer *writer, int depth)
{
    if (writer->style != JSON_PRETTY)
        return;
    strbuf_addch(writer->out, '\n');
    for (int i = 0; i < depth; i++)
        strbuf_add(writer->out, "  ", 2);
}

static void print_value(struct writer *writer, const cJSON *node, int depth);

static void print_member(struct writer *writer, const cJSON *member, int depth)
{
    bool is_pretty = writer->style == JSON_PRETTY;
    if (member->string && cJSON_IsString(member) && !is_pretty &&
        print_plain_member(member, writer->out))
        return;
    if (member->string) {
        print_text(member->string, writer->ascii, writer->out);
        strbuf_add(writer->out, ": ", is_pretty ? 2 : 1);
    }
    print_value(writer, member, depth);
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp((*(const cJSON *const *)a)->string, (*(const cJSON *const *)b)->string);
}

/* Few members, mostly in order: by insertion; else by qsort. */
static void sort_by_key(const cJSON **members, size_t count)
{
    if (count > FEW_MEMBERS) {
        qsort(members, count, sizeof(const cJSON *), compare_keys);
        return;
    }
    for (size_t i = 1; i < count; i++) {
        const cJSON *member = members[i];
        size_t at = i;
        for (; at && strcmp(members[at - 1]->string, member->string) > 0; at--)
            members[at] = members[at - 1];
        members[at] = member;
    }
}

static void print_sorted(struct writer *writer, const cJSON *object, int depth)
{
    const cJSON *few[FEW_MEMBERS] = {NULL};
    size_t room = tree_count(object), count = 0;
    const cJSON **members = room <= FEW_MEMBERS ? few : mem_alloc(room * sizeof(const cJSON *));
    const cJSON *member;
    cJSON_ArrayForEach (member, object)
        members[count++] = member;
    sort_by_key(members, count);
    for (size_t i = 0; i < count; i++) {
        if (i)
            strbuf_addch(writer->out, ',');
        print_member(writer, members[i], depth + 1);
    }
    if (members != few)
        mem_free(members);
}

static void print_children(struct writer *writer, const cJSON *node, int depth)
{
    const char *brackets = cJSON_IsObject(node) ? "{}" : "[]";
    strbuf_addch(writer->out, brackets[0]);
    if (cJSON_IsObject(node) && writer->style == JSON_CANONICAL) {
        print_sorted(writer, node, depth);
    } else if (node->child) {
        for (const cJSON *child = node->child; child; child = child->next) {
            if (child != node->child)
                strbuf_addch(writer->out, ',');
            print_line(writer, depth + 1);
            print_member(writer, child, depth + 1);
        }
        print_line(writer, depth);
    }
    strbuf_addch(writer->out, brackets[1]);
}

static void print_value(struct writer *writer, const cJSON *node, int depth)
{
    if (!node || depth > TREE_WALK_MAX)
        strbuf_add(writer->out, "null", 4);
    else if (cJSON_IsString(node))
        print_text(node->valuestring, writer->ascii, writer->out);
    else if (cJSON_IsNumber(node))
        strbuf_adds(writer->out, node->valuestring);
    else if (cJSON_IsArray(node) || cJSON_IsObject(node))
        print_children(writer, node, depth);
    else
        strbuf_adds(writer->out, cJSON_IsTrue(node)    ? "true"
                                 : cJSON_IsFalse(node) ? "false"
                                                       : "null");
}

void json_print_members(const cJSON *first, const cJSON *end, struct strbuf *out)
{
    struct writer writer = {out, JSON_COMPACT, false};
    strbuf_addch(out, '{');
    for (const cJSON *member = first; member && member != end; member = member->next) {
        if (member != first)
            strbuf_addch(out, ',');
        print_member(&writer, member, 1);
    }
    strbuf_addch(out, '}');
}

void json_print(const cJSON *node, unsigned style, struct strbuf *out)
{
    struct writer writer = {out, (enum json_style)(style & 0xFF), (style & JSON_ASCII) != 0};
    print_value(&writer, node, 0);
}

const char *json_text(struct arena *arena, const cJSON *node)
{
    char room[512];
    struct strbuf text = strbuf_over(room, sizeof room, SIZE_MAX / 2);
    json_print(node, JSON_COMPACT, &text);
    const char *copy = arena_strndup(arena, text.buf, text.len);
    strbuf_release(&text);
    return copy;
}
