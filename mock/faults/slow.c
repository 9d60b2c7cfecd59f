/* SPDX-License-Identifier: Apache-2.0 */
/* Faults of time: what comes, comes late, in small pieces, or never. */
#include "core/base/draw.h"
#include "core/base/str.h"
#include "mock/faults/act.h"

#include <math.h>

/* ---- delay ---- */

static const char *const distributions[] = {"fixed", "uniform", "normal", "lognormal", NULL};
enum distribution { SPREAD_NONE, SPREAD_UNIFORM, SPREAD_NORMAL, SPREAD_LOGNORMAL };

static const struct fault_parameter delay_parameters[] = {
    {.name = "time",
     .type = FAULT_DURATION,
     .fallback = "1s",
     .help = "how long; the mean or median of a distribution"},
    {.name = "distribution",
     .type = FAULT_CHOICE,
     .choices = distributions,
     .fallback = "fixed",
     .help = "uniform: time +- spread; normal: spread is the deviation; lognormal: sigma"},
    {.name = "spread", .type = FAULT_DURATION, .fallback = "0s", .help = "of uniform and normal"},
    {.name = "sigma",
     .type = FAULT_NUMBER,
     .most = 10,
     .fallback = "0.5",
     .help = "of lognormal: deviation of the logarithm"},
    {.name = "most", .type = FAULT_DURATION, .fallback = "60s", .help = "never longer"},
    {0},
};

/* Box and Muller: two uniform draws make a normal one. */
static double draw_normal(struct draw *draw)
{
    const double two_pi = 6.283185307179586;
    double first = 1 - draw_unit(draw);
    return sqrt(-2 * log(first)) * cos(two_pi * draw_unit(draw));
}

static nanos draw_delay(const struct fault_hit *hit)
{
    struct draw draw = draw_from(hit->key);
    double time = (double)fault_integer(hit, "time"), most = (double)fault_integer(hit, "most");
    double spread = (double)fault_integer(hit, "spread");
    switch ((enum distribution)fault_integer(hit, "distribution")) {
    case SPREAD_NONE:
        break;
    case SPREAD_UNIFORM:
        time += spread * (2 * draw_unit(&draw) - 1);
        break;
    case SPREAD_NORMAL:
        time += spread * draw_normal(&draw);
        break;
    case SPREAD_LOGNORMAL:
        time *= exp(fault_number(hit, "sigma") * draw_normal(&draw));
        break;
    }
    return (nanos)fmin(fmax(time, 0), most);
}

static bool delay(struct exchange *exchange, struct fault_hit *hit)
{
    if (fault_pause(exchange, hit, draw_delay(hit)))
        return false;
    fault_leave(exchange);
    return true;
}

/* ---- slow first byte ---- */

static const struct fault_parameter first_byte_parameters[] = {
    {.name = "time", .type = FAULT_DURATION, .fallback = "1s", .help = "how long"},
    {0},
};

static bool wait_first(struct exchange *exchange, struct fault_hit *hit,
                       struct http_response *response)
{
    (void)response;
    if (fault_pause(exchange, hit, fault_integer(hit, "time")))
        return false;
    fault_leave(exchange);
    return true;
}

/* ---- in pieces ---- */

/* Pieces of this size with pauses between them. False: it ended on the way. */
static bool write_paced(struct exchange *exchange, const struct fault_hit *hit, struct str bytes,
                        size_t piece, nanos pause)
{
    while (bytes.len) {
        size_t len = bytes.len < piece ? bytes.len : piece;
        if (len == bytes.len)
            exchange_over(exchange);
        if (http_raw_write(exchange->http, bytes.ptr, len))
            return false;
        bytes.ptr += len;
        bytes.len -= len;
        if (bytes.len && !fault_pause(exchange, hit, pause))
            return false;
    }
    return true;
}

static const char *const framings[] = {"length", "chunked", NULL};
enum { FRAMED_BY_LENGTH, FRAMED_BY_CHUNKS };

static const struct fault_parameter dribble_parameters[] = {
    {.name = "time",
     .type = FAULT_DURATION,
     .fallback = "1s",
     .help = "from the first piece to the last"},
    {.name = "pieces",
     .type = FAULT_INTEGER,
     .least = 2,
     .most = 10000,
     .fallback = "5",
     .help = "how many, each a packet of its own"},
    {.name = "framing",
     .type = FAULT_CHOICE,
     .choices = framings,
     .fallback = "length",
     .help = "of the whole: Content-Length, or a chunk for each piece"},
    {0},
};

/* `bytes` cut into chunks of `piece` (RFC 9112 section 7.1), all at once: pieces are cut later. */
static bool write_chunks(struct exchange *exchange, const struct fault_hit *hit, struct str bytes,
                         size_t piece, nanos pause)
{
    struct strbuf out = STRBUF_INIT(LIMIT_DOCUMENT);
    bool goes_on = true;
    while (bytes.len && goes_on) {
        size_t len = bytes.len < piece ? bytes.len : piece;
        strbuf_clear(&out);
        strbuf_addf(&out, "%zx\r\n", len);
        strbuf_add(&out, bytes.ptr, len);
        strbuf_adds(&out, bytes.len == len ? "\r\n0\r\n\r\n" : "\r\n");
        if (len == bytes.len)
            exchange_over(exchange);
        bytes.ptr += len;
        bytes.len -= len;
        goes_on = !http_raw_write(exchange->http, out.buf, out.len) &&
                  (!bytes.len || fault_pause(exchange, hit, pause));
    }
    strbuf_release(&out);
    return goes_on;
}

static bool dribble(struct exchange *exchange, struct fault_hit *hit,
                    struct http_response *response)
{
    struct str body;
    struct strbuf head = STRBUF_INIT(LIMIT_DOCUMENT);
    size_t pieces = (size_t)fault_integer(hit, "pieces");
    nanos pause = fault_integer(hit, "time") / (nanos)(pieces - 1);
    bool is_chunked = fault_integer(hit, "framing") == FRAMED_BY_CHUNKS;
    body.ptr = http_message_body(exchange->http, response, &body.len);
    if (!body.len)
        return false; /* there is nothing to cut */
    size_t piece = (body.len + pieces - 1) / pieces;
    http_message_head(exchange->http, response, is_chunked ? -1 : (long long)body.len, is_chunked,
                      &head);
    bool is_sent = !http_raw_write(exchange->http, head.buf, head.len) &&
                   (is_chunked ? write_chunks : write_paced)(exchange, hit, body, piece, pause);
    strbuf_release(&head);
    if (is_sent)
        http_raw_finish(exchange->http);
    else
        fault_leave(exchange);
    return true;
}

/* ---- bandwidth ---- */

enum { SLICES = 50 }; /* a second: often enough to look even */

static const struct fault_parameter bandwidth_parameters[] = {
    {.name = "rate",
     .type = FAULT_INTEGER,
     .least = 1,
     .most = 1e9,
     .fallback = "1024",
     .help = "bytes a second, the head's too"},
    {0},
};

static bool narrow(struct exchange *exchange, struct fault_hit *hit, struct http_response *response)
{
    struct strbuf message = STRBUF_INIT(LIMIT_DOCUMENT);
    size_t len, rate = (size_t)fault_integer(hit, "rate");
    size_t piece = rate < SLICES ? 1 : rate / SLICES;
    const char *body = http_message_body(exchange->http, response, &len);
    http_message_head(exchange->http, response, response->status == 204 ? -1 : (long long)len,
                      false, &message);
    strbuf_add(&message, body, len);
    if (write_paced(exchange, hit, (struct str){message.buf, message.len}, piece,
                    (nanos)piece * NANOS_PER_SECOND / (nanos)rate))
        http_raw_finish(exchange->http);
    else
        fault_leave(exchange);
    strbuf_release(&message);
    return true;
}

/* ---- the end comes late ---- */

static const char *const lengths[] = {"none", "stated", NULL};
enum { LENGTH_NONE, LENGTH_STATED };

static const struct fault_parameter slow_close_parameters[] = {
    {.name = "time", .type = FAULT_DURATION, .fallback = "1s", .help = "how long"},
    {.name = "length",
     .type = FAULT_CHOICE,
     .choices = lengths,
     .fallback = "none",
     .help = "none: the body ends with the connection, so that clients wait for it"},
    {0},
};

static bool close_late(struct exchange *exchange, struct fault_hit *hit,
                       struct http_response *response)
{
    struct strbuf message = STRBUF_INIT(LIMIT_DOCUMENT);
    bool is_stated = fault_integer(hit, "length") == LENGTH_STATED && response->status != 204;
    size_t len;
    const char *body = http_message_body(exchange->http, response, &len);
    response->close = true;
    http_message_head(exchange->http, response, is_stated ? (long long)len : -1, false, &message);
    strbuf_add(&message, body, len);
    http_raw_write(exchange->http, message.buf, message.len);
    strbuf_release(&message);
    fault_pause(exchange, hit, fault_integer(hit, "time"));
    return true;
}

/* ---- nothing comes ---- */

static const struct fault_parameter hang_parameters[] = {
    {.name = "most",
     .type = FAULT_DURATION,
     .fallback = "60s",
     .help = "then the connection is closed; at the latest when the client or the mock goes"},
    FAULT_EFFECT_PARAMETER,
    {0},
};

static void hang(struct exchange *exchange, struct fault_hit *hit)
{
    fault_pause(exchange, hit, fault_integer(hit, "most"));
    http_close_quietly(exchange->http);
}

static const struct fault_parameter stall_parameters[] = {
    {.name = "after",
     .type = FAULT_INTEGER,
     .fallback = "1",
     .help = "bytes of the body, then nothing comes"},
    {.name = "most",
     .type = FAULT_DURATION,
     .fallback = "60s",
     .help = "then the connection is closed; at the latest when the client or the mock goes"},
    {0},
};

static bool stall(struct exchange *exchange, struct fault_hit *hit, struct http_response *response)
{
    struct strbuf message = STRBUF_INIT(LIMIT_DOCUMENT);
    size_t len, after = (size_t)fault_integer(hit, "after");
    const char *body = http_message_body(exchange->http, response, &len);
    if (!len)
        return false;
    http_message_head(exchange->http, response, (long long)len, false, &message);
    strbuf_add(&message, body, after < len ? after : len - 1);
    http_raw_write(exchange->http, message.buf, message.len);
    strbuf_release(&message);
    fault_pause(exchange, hit, fault_integer(hit, "most"));
    http_close_quietly(exchange->http);
    return true;
}

const struct fault_kind slow_faults[] = {
    {.name = "delay",
     .summary = "the request is taken up late",
     .group = FAULT_OF_WIRE,
     .parameters = delay_parameters,
     .before = delay},
    {.name = "slow_first_byte",
     .summary = "the service has answered, but its first byte comes late",
     .group = FAULT_OF_WIRE,
     .parameters = first_byte_parameters,
     .send = wait_first},
    {.name = "dribble",
     .summary = "the body comes in pieces, with pauses between them",
     .group = FAULT_OF_WIRE,
     .parameters = dribble_parameters,
     .change = fault_needs_body,
     .send = dribble},
    {.name = "bandwidth",
     .summary = "the answer comes at so many bytes a second",
     .group = FAULT_OF_WIRE,
     .parameters = bandwidth_parameters,
     .send = narrow},
    {.name = "slow_close",
     .summary = "the answer is whole, but the connection ends late",
     .group = FAULT_OF_WIRE,
     .parameters = slow_close_parameters,
     .send = close_late},
    {.name = "hang",
     .summary = "nothing comes, then the connection is closed",
     .group = FAULT_OF_WIRE,
     .effect = FAULT_CHOSEN,
     .parameters = hang_parameters,
     .instead = hang},
    {.name = "stall",
     .summary = "nothing more comes within the body, then the connection is closed",
     .group = FAULT_OF_WIRE,
     .parameters = stall_parameters,
     .change = fault_needs_body,
     .send = stall},
    {0},
};
