/* SPDX-License-Identifier: Apache-2.0 */
#include "core/expr/zone.h"

#include "core/base/map.h"
#include "core/base/mem.h"
#include "core/base/str.h"

#include <pthread.h>
#include <string.h>
#include <unicode/ucal.h>
#include <unicode/ustring.h>

enum { ZONE_NAME_MAX = 128, DAY_SECONDS = 86400 };

struct zone {
    UCalendar *calendar;  /* NULL: UTC, which needs no ICU */
    pthread_mutex_t lock; /* a calendar belongs to one thread at a time */
};

static struct zone utc = {.lock = PTHREAD_MUTEX_INITIALIZER};
static struct map *zones; /* name -> zone; &missing when there is none */
static struct zone missing;
static pthread_mutex_t zones_lock = PTHREAD_MUTEX_INITIALIZER;

/* ---- opening ---- */

/* The IANA name of what may be a Windows name; false when ICU knows neither. */
static bool find_id(const char *name, UChar id[static ZONE_NAME_MAX])
{
    UChar canonical[ZONE_NAME_MAX];
    UBool is_system = 0;
    UErrorCode status = U_ZERO_ERROR;
    u_charsToUChars(name, id, (int32_t)strlen(name) + 1);
    ucal_getCanonicalTimeZoneID(id, -1, canonical, ZONE_NAME_MAX, &is_system, &status);
    if (U_SUCCESS(status) && is_system)
        return true;
    UChar windows[ZONE_NAME_MAX];
    u_charsToUChars(name, windows, (int32_t)strlen(name) + 1);
    status = U_ZERO_ERROR;
    int32_t len = ucal_getTimeZoneIDForWindowsID(windows, -1, NULL, id, ZONE_NAME_MAX, &status);
    return U_SUCCESS(status) && len > 0;
}

static bool is_plain(const char *name)
{
    size_t len = strlen(name);
    for (size_t i = 0; i < len; i++)
        if ((unsigned char)name[i] < 0x20 || (unsigned char)name[i] > 0x7e)
            return false;
    return len > 0 && len < ZONE_NAME_MAX;
}

static struct zone *open_zone(const char *name)
{
    UChar id[ZONE_NAME_MAX];
    UErrorCode status = U_ZERO_ERROR;
    if (!is_plain(name) || !find_id(name, id))
        return &missing;
    UCalendar *calendar = ucal_open(id, -1, "en_US", UCAL_GREGORIAN, &status);
    if (U_FAILURE(status))
        return &missing;
    struct zone *zone = mem_alloc(sizeof *zone);
    zone->calendar = calendar;
    pthread_mutex_init(&zone->lock, NULL);
    return zone;
}

/* Names come from documents and requests, so what is unknown is remembered only up to a number. */
enum { ZONES_MAX = 2000 };

const struct zone *zone_find(const char *name)
{
    if (!name)
        return NULL;
    if (text_is(name, "UTC") || text_is(name, "Etc/UTC") || text_is(name, "Z"))
        return &utc;
    pthread_mutex_lock(&zones_lock);
    if (!zones)
        zones = map_new();
    struct zone *zone = map_get(zones, name);
    if (!zone) {
        zone = open_zone(name);
        if (zone != &missing || map_count(zones) < ZONES_MAX)
            map_put(zones, name, zone);
    }
    pthread_mutex_unlock(&zones_lock);
    return zone == &missing ? NULL : zone;
}

bool zone_is_valid(const char *name)
{
    return zone_find(name) != NULL;
}

/* ---- calendar arithmetic ---- */

/* Days by eras of 400 years, March first, so that the leap day comes last. */
static int64_t floor_divide(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

static int64_t civil_seconds(struct civil civil)
{
    return civil_days(civil.year, civil.month, civil.day) * DAY_SECONDS + civil.hour * 3600 +
           civil.minute * 60 + civil.second;
}

static struct civil civil_at(int64_t seconds)
{
    struct civil civil;
    int64_t days = floor_divide(seconds, DAY_SECONDS);
    int rest = (int)(seconds - days * DAY_SECONDS);
    civil_from_days(days, &civil.year, &civil.month, &civil.day);
    civil.hour = rest / 3600;
    civil.minute = rest / 60 % 60;
    civil.second = rest % 60;
    return civil;
}

/* ---- zones ---- */

/* Seconds east of UTC at `seconds` since 1970. */
static int64_t find_offset(const struct zone *zone, int64_t seconds)
{
    if (!zone->calendar)
        return 0;
    struct zone *locked = (struct zone *)(uintptr_t)zone;
    UErrorCode status = U_ZERO_ERROR;
    pthread_mutex_lock(&locked->lock);
    ucal_setMillis(zone->calendar, (UDate)seconds * 1000.0, &status);
    int32_t offset = ucal_get(zone->calendar, UCAL_ZONE_OFFSET, &status) +
                     ucal_get(zone->calendar, UCAL_DST_OFFSET, &status);
    pthread_mutex_unlock(&locked->lock);
    return U_SUCCESS(status) ? offset / 1000 : 0;
}

struct civil zone_civil(const struct zone *zone, nanos instant)
{
    int64_t seconds = floor_divide(instant, NANOS_PER_SECOND);
    return civil_at(seconds + find_offset(zone, seconds));
}

/* The second at which the offset changes between the two. */
static int64_t find_change(const struct zone *zone, int64_t low, int64_t high)
{
    int64_t before = find_offset(zone, low);
    while (high - low > 1) {
        int64_t middle = low + (high - low) / 2;
        if (find_offset(zone, middle) == before)
            low = middle;
        else
            high = middle;
    }
    return high;
}

static nanos as_instant(int64_t seconds)
{
    nanos instant;
    if (__builtin_mul_overflow(seconds, NANOS_PER_SECOND, &instant))
        return seconds < 0 ? INT64_MIN : INT64_MAX;
    return instant;
}

nanos zone_instant(const struct zone *zone, struct civil civil)
{
    int64_t wall = civil_seconds(civil);
    int64_t before = find_offset(zone, wall - DAY_SECONDS);
    int64_t after = find_offset(zone, wall + DAY_SECONDS);
    /* A larger offset gives the earlier instant, so this is the first of two. */
    int64_t first = wall - (before > after ? before : after);
    int64_t second = wall - (before > after ? after : before);
    if (first + find_offset(zone, first) == wall)
        return as_instant(first);
    if (second + find_offset(zone, second) == wall)
        return as_instant(second);
    return as_instant(find_change(zone, wall - DAY_SECONDS, wall + DAY_SECONDS));
}
