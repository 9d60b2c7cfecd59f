/* SPDX-License-Identifier: Apache-2.0 */
#include "core/net/http_head.h"

#include "core/base/str.h"
#include "core/net/http_token.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static const char *const methods[] = {"GET",    "HEAD",    "POST",  "PUT",  "PATCH",
                                      "DELETE", "OPTIONS", "TRACE", "QUERY"};

int http_fault(struct http_fault *fault, int status, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    fault->status = status;
    vsnprintf(fault->reason, sizeof fault->reason, format, args);
    va_end(args);
    return -1;
}

void http_head_init(struct http_head *head)
{
    head->request = (struct http_request){.method = "",
                                          .path = "",
                                          .version = "1.1",
                                          .headers = head->headers,
                                          .body = "",
                                          .peer = ""};
    head->keep_alive = head->is_head = head->expects_continue = head->is_chunked = false;
    head->content_length = 0;
}

size_t http_head_length(const char *bytes, size_t len, size_t seen)
{
    /* The end may have begun in the bytes seen: "\n\r" or "\n". */
    size_t from = seen > 2 ? seen - 2 : 0;
    for (const char *at = bytes + from; (at = memchr(at, '\n', len - (size_t)(at - bytes))); at++) {
        size_t next = (size_t)(at - bytes) + 1;
        if (next < len && bytes[next] == '\n')
            return next + 1;
        if (next + 1 < len && bytes[next] == '\r' && bytes[next + 1] == '\n')
            return next + 2;
    }
    return 0;
}

bool http_head_can_begin(char c)
{
    return http_is_token_char(c);
}

static size_t token_length(const char *text)
{
    size_t len = 0;
    while (http_is_token_char(text[len]))
        len++;
    return len;
}

/* Cuts the next line off, without its end, and moves on; NULL at the empty line that ends the head.
 */
static char *take_line(char **at, char *end, size_t *len)
{
    char *line = *at, *newline = memchr(line, '\n', (size_t)(end - line));
    if (!newline)
        return NULL;
    *at = newline + 1;
    if (newline > line && newline[-1] == '\r')
        newline--;
    *newline = '\0';
    *len = (size_t)(newline - line);
    return *len ? line : NULL;
}

static bool has_bad_byte(const char *bytes, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if ((c < 0x20 && c != '\t') || c == 0x7f)
            return true;
    }
    return false;
}

/* Neither controls (TAB aside) nor a CR that ends no line may stand in a head (section 2.2). */
static bool has_bad_bytes(const char *line, size_t len)
{
    const size_t word = sizeof(uint64_t);
    if (len < word)
        return has_bad_byte(line, len);
    for (size_t i = 0; i + word <= len; i += word)
        if (http_may_have_control(line + i) && has_bad_byte(line + i, word))
            return true;
    return http_may_have_control(line + len - word) && has_bad_byte(line + len - word, word);
}

static int parse_version(const char *text, struct http_head *head, struct http_fault *fault)
{
    bool is_version = strlen(text) == 8 && !memcmp(text, "HTTP/", 5) && text[5] >= '0' &&
                      text[5] <= '9' && text[6] == '.' && text[7] >= '0' && text[7] <= '9';
    if (!is_version)
        return http_fault(fault, 400, "the request line names no HTTP version");
    if (text[5] != '1')
        return http_fault(fault, 505, "HTTP version %s is not spoken here", text + 5);
    head->request.version = text[7] == '0' ? "1.0" : "1.1";
    head->keep_alive = text[7] != '0';
    return 0;
}

/* Of what may come here (no controls but TAB, no blanks): TAB, '#', and bytes beyond ASCII. */
static bool must_be_encoded(const char *target, size_t len)
{
    uint64_t bits = 0;
    size_t i = 0;
    for (uint64_t word; i + sizeof word <= len; i += sizeof word) {
        memcpy(&word, target + i, sizeof word);
        bits |= word;
    }
    for (; i < len; i++)
        bits |= (unsigned char)target[i];
    return bits & (UINT64_MAX / 255 << 7) || memchr(target, '#', len) || memchr(target, '\t', len);
}

/* The four forms of section 3.2, without CONNECT's. */
static int parse_target(char *target, struct http_head *head, struct http_fault *fault)
{
    struct http_request *request = &head->request;
    if (must_be_encoded(target, strlen(target)))
        return http_fault(fault, 400, "the request target holds a character that it must encode");
    if (text_is(target, "*")) {
        request->path = target;
        if (!text_is(request->method, "OPTIONS"))
            return http_fault(fault, 400, "the request target '*' goes with OPTIONS only");
        return 0;
    }
    if (*target != '/') {
        char *authority = strstr(target, "://");
        bool is_web = authority && ((authority == target + 4 && !strncasecmp(target, "http", 4)) ||
                                    (authority == target + 5 && !strncasecmp(target, "https", 5)));
        if (!is_web)
            return http_fault(fault, 400, "the request target is neither a path nor an http URI");
        authority += 3;
        target = authority + strcspn(authority, "/?");
        if (target == authority)
            return http_fault(fault, 400, "the request target has no authority");
        /* Moved one to the left, over the last slash of "://", to be terminated:
         * "http:/host\0/path" */
        memmove(authority - 1, authority, (size_t)(target - authority));
        target[-1] = '\0';
        request->host = authority - 1;
    }
    char *query = strchr(target, '?');
    if (query)
        *query++ = '\0';
    request->query = query;
    request->path = *target ? target : "/";
    return 0;
}

static int parse_request_line(char *line, struct http_head *head, struct http_fault *fault)
{
    size_t method_len = token_length(line);
    if (!method_len || line[method_len] != ' ')
        return http_fault(fault, 400, "the request line does not begin with a method");
    line[method_len] = '\0';
    head->request.method = line;
    head->is_head = text_is(line, "HEAD");
    char *target = line + method_len + 1, *version = strchr(target, ' ');
    if (!version || version == target)
        return http_fault(fault, 400, "the request line is not 'METHOD target HTTP/1.1'");
    *version++ = '\0';
    if (parse_version(version, head, fault))
        return -1;
    bool is_known = false;
    for (size_t i = 0; i < sizeof methods / sizeof *methods && !is_known; i++)
        is_known = text_is(line, methods[i]);
    if (!is_known)
        return http_fault(fault, 501, "the method is not implemented");
    return parse_target(target, head, fault);
}

static int parse_header_line(char *line, struct http_head *head, struct http_fault *fault)
{
    size_t name_len = token_length(line);
    if (*line == ' ' || *line == '\t')
        return http_fault(fault, 400, "a header is folded over lines");
    if (!name_len || line[name_len] != ':')
        return http_fault(fault, 400, "a header line is not 'name: value'");
    if (head->request.header_count == HTTP_MAX_HEADERS)
        return http_fault(fault, 400, "the request has more than %d headers", HTTP_MAX_HEADERS);
    line[name_len] = '\0';
    char *value = line + name_len + 1;
    while (*value == ' ' || *value == '\t')
        value++;
    size_t len = strlen(value);
    while (len && (value[len - 1] == ' ' || value[len - 1] == '\t'))
        value[--len] = '\0';
    head->headers[head->request.header_count++] = (struct http_header){line, value};
    return 0;
}

static int read_content_length(const char *value, struct http_head *head, bool is_first,
                               struct http_fault *fault)
{
    size_t digits = strspn(value, "0123456789");
    if (!digits || value[digits])
        return http_fault(fault, 400, "Content-Length is not a number");
    uint64_t length = 0;
    for (size_t i = 0; i < digits && length != UINT64_MAX; i++)
        length =
            length > UINT64_MAX / 10 - 1 ? UINT64_MAX : length * 10 + (uint64_t)(value[i] - '0');
    if (!is_first && length != head->content_length)
        return http_fault(fault, 400, "two Content-Length headers disagree");
    head->content_length = length;
    return 0;
}

static int read_transfer_encoding(const char *value, struct http_head *head,
                                  struct http_fault *fault)
{
    if (head->is_chunked)
        return http_fault(fault, 400, "there are two Transfer-Encoding headers");
    if (text_is(head->request.version, "1.0"))
        return http_fault(fault, 400, "Transfer-Encoding does not belong to HTTP/1.0");
    head->is_chunked = true;
    if (text_is_any_case(value, "chunked"))
        return 0;
    const char *last = strrchr(value, ',');
    last = last ? last + 1 + strspn(last + 1, " \t") : value;
    if (last != value && text_is_any_case(last, "chunked"))
        return http_fault(fault, 501, "only the transfer coding 'chunked' is spoken here");
    return http_fault(fault, 400, "the last transfer coding is not 'chunked'");
}

/* Whether a comma-separated list has the member, in any case. */
static bool list_has(const char *list, const char *member)
{
    size_t len = strlen(member);
    while (*list) {
        list += strspn(list, " \t,");
        size_t here = strcspn(list, ",");
        size_t trimmed = here;
        while (trimmed && (list[trimmed - 1] == ' ' || list[trimmed - 1] == '\t'))
            trimmed--;
        if (trimmed == len && !strncasecmp(list, member, len))
            return true;
        list += here;
    }
    return false;
}

struct framing {
    int hosts, lengths, codings;
};

static int note_header(const struct http_header *header, struct http_head *head,
                       struct framing *framing, struct http_fault *fault)
{
    const char *name = header->name, *value = header->value;
    switch (name[0] | 0x20) { /* most headers frame nothing: one comparison for them */
    case 'h':
        if (!text_is_any_case(name, "Host"))
            return 0;
        if (framing->hosts++)
            return http_fault(fault, 400, "there are two Host headers");
        if (strpbrk(value, " \t,/?#@"))
            return http_fault(fault, 400, "the Host header is not a host and port");
        if (!head->request.host)
            head->request.host = value;
        return 0;
    case 't':
        if (!text_is_any_case(name, "Transfer-Encoding"))
            return 0;
        framing->codings++;
        return read_transfer_encoding(value, head, fault);
    case 'e':
        if (!text_is_any_case(name, "Expect") || text_is(head->request.version, "1.0"))
            return 0;
        head->expects_continue = true;
        if (!text_is_any_case(value, "100-continue"))
            return http_fault(fault, 417, "the only expectation met here is '100-continue'");
        return 0;
    case 'c':
        if (text_is_any_case(name, "Content-Length"))
            return read_content_length(value, head, !framing->lengths++, fault);
        if (text_is_any_case(name, "Connection")) {
            if (list_has(value, "close"))
                head->keep_alive = false;
            else if (list_has(value, "keep-alive"))
                head->keep_alive = true;
        }
        return 0;
    default:
        return 0;
    }
}

static int check_framing(struct http_head *head, struct http_fault *fault)
{
    struct framing framing = {0};
    for (size_t i = 0; i < head->request.header_count; i++)
        if (note_header(&head->headers[i], head, &framing, fault))
            return -1;
    if (framing.codings && framing.lengths)
        return http_fault(fault, 400, "Content-Length and Transfer-Encoding exclude each other");
    if (!framing.hosts && text_is(head->request.version, "1.1"))
        return http_fault(fault, 400, "the Host header is missing");
    return 0;
}

int http_head_parse(char *bytes, size_t len, struct http_head *head, struct http_fault *fault)
{
    http_head_init(head);
    char *at = bytes, *end = bytes + len, *line;
    size_t line_len, count = 0;
    for (; (line = take_line(&at, end, &line_len)); count++) {
        if (has_bad_bytes(line, line_len))
            return http_fault(fault, 400, "the head of the request holds a control character");
        if (count ? parse_header_line(line, head, fault) : parse_request_line(line, head, fault))
            return -1;
    }
    if (!count)
        return http_fault(fault, 400, "the request line is missing");
    return check_framing(head, fault);
}
