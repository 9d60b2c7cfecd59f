/* SPDX-License-Identifier: Apache-2.0 */
#include "core/data/number.h"

#include "core/base/draw.h"
#include "core/base/mem.h"

#define POINT_MAX ((int64_t)1000000000000000)

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && *at >= '0' && *at <= '9')
        at++;
    return at;
}

size_t number_length(const char *text, const char *end)
{
    const char *at = text;
    if (at < end && *at == '-')
        at++;
    const char *whole = at;
    at = at < end && *at == '0' ? at + 1 : skip_digits(at, end);
    if (at == whole)
        return 0;
    if (at < end && *at == '.') {
        const char *fraction = at + 1;
        at = skip_digits(fraction, end);
        if (at == fraction)
            return 0;
    }
    if (at < end && (*at == 'e' || *at == 'E')) {
        at++;
        if (at < end && (*at == '+' || *at == '-'))
            at++;
        const char *exponent = at;
        at = skip_digits(exponent, end);
        if (at == exponent)
            return 0;
    }
    return (size_t)(at - text);
}

/* What follows the e, held within the cap. */
static int64_t read_exponent(const char *at, const char *end)
{
    bool negative = at < end && *at == '-';
    if (at < end && (*at == '-' || *at == '+'))
        at++;
    int64_t exponent = 0;
    for (; at < end; at++)
        if (exponent < POINT_MAX)
            exponent = exponent * 10 + (*at - '0');
    if (exponent > POINT_MAX)
        exponent = POINT_MAX;
    return negative ? -exponent : exponent;
}

struct number number_read(const char *text, size_t len)
{
    const char *at = text, *end = text + len;
    struct number number = {.negative = len && *text == '-'};
    const char *first = NULL, *last = NULL;
    size_t since_first = 0; /* digits from the first significant one on, zeros included */
    bool in_fraction = false;
    for (at += number.negative; at < end && *at != 'e' && *at != 'E'; at++) {
        if (*at == '.') {
            in_fraction = true;
            continue;
        }
        if (*at != '0') {
            first = first ? first : at;
            last = at;
        }
        since_first += first != NULL;
        if (last == at)
            number.digits = since_first;
        if (first && !in_fraction)
            number.point++;
        else if (!first && in_fraction)
            number.point--;
    }
    if (!first)
        return (struct number){0};
    number.source = (struct str){first, (size_t)(last - first) + 1};
    if (at < end)
        number.point += read_exponent(at + 1, end);
    if (number.point > POINT_MAX)
        number.point = POINT_MAX;
    if (number.point < -POINT_MAX)
        number.point = -POINT_MAX;
    return number;
}

/* The digits one after the other, -1 after the last. */
struct digits {
    const char *at, *end;
};

static struct digits digits_of(const struct number *number)
{
    const char *start = number->source.ptr;
    return (struct digits){start, start ? start + number->source.len : start};
}

static int next_digit(struct digits *digits)
{
    if (digits->at < digits->end && *digits->at == '.')
        digits->at++;
    return digits->at < digits->end ? *digits->at++ - '0' : -1;
}

static int compare_magnitudes(const struct number *a, const struct number *b)
{
    if (a->point != b->point)
        return a->point < b->point ? -1 : 1;
    struct digits of_a = digits_of(a), of_b = digits_of(b);
    for (;;) {
        int digit_a = next_digit(&of_a), digit_b = next_digit(&of_b);
        if (digit_a != digit_b)
            return digit_a < digit_b ? -1 : 1;
        if (digit_a < 0)
            return 0;
    }
}

static int sign_of(const struct number *number)
{
    return !number->digits ? 0 : number->negative ? -1 : 1;
}

int number_compare(const struct number *a, const struct number *b)
{
    int sign_a = sign_of(a), sign_b = sign_of(b);
    if (sign_a != sign_b)
        return sign_a < sign_b ? -1 : 1;
    return sign_a * (sign_a ? compare_magnitudes(a, b) : 0);
}

bool number_is_integer(const struct number *number)
{
    return !number->digits || number->point >= (int64_t)number->digits;
}

bool number_int64(const struct number *number, int64_t *value)
{
    if (!number_is_integer(number) || number->point > 19)
        return false;
    /* Negative all the way: the range below zero is the larger one. */
    int64_t sum = 0;
    struct digits digits = digits_of(number);
    for (int64_t i = 0; i < number->point; i++) {
        int digit = next_digit(&digits);
        if (__builtin_mul_overflow(sum, 10, &sum) ||
            __builtin_sub_overflow(sum, digit > 0 ? digit : 0, &sum))
            return false;
    }
    if (!number->negative && sum == INT64_MIN)
        return false;
    *value = number->negative ? sum : -sum;
    return true;
}

uint64_t number_hash(const struct number *number)
{
    int64_t head[2] = {sign_of(number), number->digits ? number->point : 0};
    uint64_t hash = draw_hash(0, head, sizeof head);
    struct digits digits = digits_of(number);
    for (int digit = next_digit(&digits); digit >= 0; digit = next_digit(&digits))
        hash = hash * 31 + (uint64_t)digit;
    return hash;
}

/* remainder = (remainder * 10 + digit) mod divisor, all as `len` digits, most significant first. */
static void push_digit(unsigned char *remainder, const unsigned char *divisor, size_t len,
                       int digit)
{
    memmove(remainder, remainder + 1, len); /* one place is spare at the front */
    remainder[len] = (unsigned char)digit;
    while (memcmp(remainder, divisor, len + 1) >= 0) {
        int borrow = 0;
        for (size_t i = len + 1; i > 0; i--) {
            int difference = remainder[i - 1] - divisor[i - 1] - borrow;
            borrow = difference < 0;
            remainder[i - 1] = (unsigned char)(difference + 10 * borrow);
        }
    }
}

static bool is_zero(const unsigned char *digits, size_t len)
{
    for (size_t i = 0; i < len; i++)
        if (digits[i])
            return false;
    return true;
}

/* Schoolbook division, for divisors that no machine word holds; `zeros` follow the digits. */
static bool divides_long(const struct number *number, const struct number *of, int64_t zeros)
{
    size_t len = of->digits;
    unsigned char *divisor = mem_alloc(2 * (len + 1));
    unsigned char *remainder = divisor + len + 1;
    struct digits digits = digits_of(of);
    for (size_t i = 1; i <= len; i++)
        divisor[i] = (unsigned char)next_digit(&digits);
    digits = digits_of(number);
    for (int digit = next_digit(&digits); digit >= 0; digit = next_digit(&digits))
        push_digit(remainder, divisor, len, digit);
    for (int64_t i = 0; i < zeros && !is_zero(remainder, len + 1); i++)
        push_digit(remainder, divisor, len, 0);
    bool divides = is_zero(remainder, len + 1);
    mem_free(divisor);
    return divides;
}

static bool divides_word(const struct number *number, const struct number *of, int64_t zeros)
{
    uint64_t divisor = 0, remainder = 0;
    struct digits digits = digits_of(of);
    for (int digit = next_digit(&digits); digit >= 0; digit = next_digit(&digits))
        divisor = divisor * 10 + (uint64_t)digit;
    if (!divisor)
        return false; /* nothing is a multiple of zero */
    digits = digits_of(number);
    for (int digit = next_digit(&digits); digit >= 0; digit = next_digit(&digits))
        remainder = (remainder * 10 + (uint64_t)digit) % divisor;
    for (int64_t i = 0; i < zeros && remainder; i++)
        remainder = remainder * 10 % divisor;
    return remainder == 0;
}

bool number_is_multiple(const struct number *number, const struct number *of)
{
    if (!number->digits)
        return true;
    if (!of->digits)
        return false;
    /*
     * number = A * 10^a and of = B * 10^b with whole A and B that do not end in 0. With a < b no
     * whole factor exists, else B must divide A * 10^(a-b). More zeros than four a digit of B
     * cannot help: B holds no higher power of 2 or 5.
     */
    int64_t zeros = (number->point - (int64_t)number->digits) - (of->point - (int64_t)of->digits);
    if (zeros < 0)
        return false;
    if (zeros > (int64_t)of->digits * 4)
        zeros = (int64_t)of->digits * 4;
    return of->digits <= 18 ? divides_word(number, of, zeros) : divides_long(number, of, zeros);
}
