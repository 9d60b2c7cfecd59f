/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Instants and durations as 64-bit nanoseconds (an instant counts from 1970-01-01T00:00:00Z), never
 * doubles, and their spellings. Calendar arithmetic is UTC; named zones are core/expr's (ICU).
 */
#pragma once

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

typedef int64_t nanos;

#define NANOS_PER_MS     ((nanos)1000000)
#define NANOS_PER_SECOND ((nanos)1000000000)

nanos instant_real_now(void);      /* CLOCK_REALTIME */
nanos instant_monotonic_now(void); /* CLOCK_MONOTONIC, for measuring only */
/* The same at the last tick, up to 10 ms ago: much cheaper, for what is idle for longer. */
nanos instant_monotonic_tick(void);

/*
 * "90s", "300ms", "1h30m", "2d", "0": units ns us ms s m h d, largest first is not required; or
 * ISO 8601's "PT2H30M", "P1DT12H" (no years and months, which have no one length).
 * Returns 0, or -1 when the text is no duration or does not fit.
 */
int duration_parse(const char *text, nanos *duration);

enum { INSTANT_TEXT = 48 }; /* bytes that any spelling needs, the end included */

/* RFC 3339 section 5.6 in UTC with `digits` (0, 3, 6 or 9) of a second: 2026-01-01T00:00:00.250Z */
void instant_rfc3339(nanos instant, int digits, char out[static INSTANT_TEXT]);
/* The same without a zone designator, as some services print it. */
void instant_naive(nanos instant, int digits, char out[static INSTANT_TEXT]);
/* Reads RFC 3339 with any offset; a missing offset is read as UTC when `naive_ok`. 0 or -1. */
int instant_parse(const char *text, bool naive_ok, nanos *instant);
/* RFC 9110 section 5.6.7: Thu, 01 Jan 2026 00:00:00 GMT */
void instant_http_date(nanos instant, char out[static INSTANT_TEXT]);
/* ISO 8601: PT2M30S, PT0.42S, PT0S; whole days stay hours (PT26H). */
void duration_iso8601(nanos duration, char out[static INSTANT_TEXT]);

/*
 * Days since 1970-01-01 and back, in the proleptic Gregorian calendar, month and day from 1. Ours,
 * since gmtime_r and timegm read the process's time zone, which is shared and locked.
 */
int64_t civil_days(int year, int month, int day);
void civil_from_days(int64_t days, int *year, int *month, int *day);
