/* SPDX-License-Identifier: Apache-2.0 */
#include "core/net/digest.h"

#include <assert.h>
#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/sha.h>
#include <string.h>

static const char standard[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
static const char for_urls[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void write_hex(const unsigned char bytes[static SHA256_BYTES], char out[static SHA256_HEX])
{
    static const char digits[] = "0123456789abcdef";
    for (size_t i = 0; i < SHA256_BYTES; i++) {
        out[2 * i] = digits[bytes[i] >> 4];
        out[2 * i + 1] = digits[bytes[i] & 15];
    }
    out[SHA256_HEX - 1] = '\0';
}

void digest_sha256(const void *bytes, size_t len, unsigned char out[static SHA256_BYTES])
{
    int done = EVP_Digest(bytes, len, out, NULL, EVP_sha256(), NULL);
    assert(done == 1);
    (void)done;
}

void digest_sha256_hex(const void *bytes, size_t len, char out[static SHA256_HEX])
{
    unsigned char hash[SHA256_BYTES];
    digest_sha256(bytes, len, hash);
    write_hex(hash, out);
}

void digest_hmac_sha256(const void *key, size_t key_len, const void *bytes, size_t len,
                        unsigned char out[static SHA256_BYTES])
{
    assert(key_len <= INT_MAX);
    unsigned char *done = HMAC(EVP_sha256(), key, (int)key_len, bytes, len, out, NULL);
    assert(done);
    (void)done;
}

void digest_hmac_sha256_hex(const void *key, size_t key_len, const void *bytes, size_t len,
                            char out[static SHA256_HEX])
{
    unsigned char hash[SHA256_BYTES];
    digest_hmac_sha256(key, key_len, bytes, len, hash);
    write_hex(hash, out);
}

bool digest_is_equal(const char *a, const char *b)
{
    size_t len = strlen(a);
    return len == strlen(b) && CRYPTO_memcmp(a, b, len) == 0;
}

static void encode(struct strbuf *out, const unsigned char *bytes, size_t len, const char *alphabet,
                   bool is_padded)
{
    for (size_t i = 0; i < len; i += 3) {
        size_t have = len - i < 3 ? len - i : 3;
        unsigned group = (unsigned)bytes[i] << 16;
        if (have > 1)
            group |= (unsigned)bytes[i + 1] << 8;
        if (have > 2)
            group |= bytes[i + 2];
        char text[4] = {alphabet[group >> 18], alphabet[group >> 12 & 63],
                        alphabet[group >> 6 & 63], alphabet[group & 63]};
        strbuf_add(out, text, have + 1);
        if (is_padded && have < 3)
            strbuf_add(out, "==", 3 - have);
    }
}

void base64_encode(struct strbuf *out, const void *bytes, size_t len)
{
    encode(out, bytes, len, standard, true);
}

void base64url_encode(struct strbuf *out, const void *bytes, size_t len)
{
    encode(out, bytes, len, for_urls, false);
}

static int value_of(char c, const char *alphabet)
{
    const char *at = c ? strchr(alphabet, c) : NULL;
    return at ? (int)(at - alphabet) : -1;
}

/* The length without padding, or -1 when the padding is not all or nothing. */
static long strip_padding(const char *text, size_t len)
{
    size_t padding = 0;
    while (padding < 2 && padding < len && text[len - 1 - padding] == '=')
        padding++;
    if ((padding && len % 4) || (len - padding) % 4 == 1)
        return -1;
    return (long)(len - padding);
}

static int decode(struct strbuf *out, const char *text, size_t len, const char *alphabet)
{
    long stripped = strip_padding(text, len);
    size_t before = out->len;
    unsigned bits = 0;
    int count = 0;
    if (stripped < 0)
        return -1;
    for (long i = 0; i < stripped; i++) {
        int value = value_of(text[i], alphabet);
        if (value < 0)
            break;
        bits = (bits << 6 | (unsigned)value) & 0xffff;
        count += 6;
        if (count >= 8) {
            count -= 8;
            strbuf_addch(out, (char)(bits >> count & 0xff));
        }
        if (i + 1 == stripped && !(bits & ((1u << count) - 1)))
            return 0;
    }
    if (!stripped)
        return 0;
    if (out->cap) {
        out->len = before;
        out->buf[before] = '\0';
    }
    return -1;
}

int base64_decode(struct strbuf *out, const char *text, size_t len)
{
    return decode(out, text, len, standard);
}

int base64url_decode(struct strbuf *out, const char *text, size_t len)
{
    return decode(out, text, len, for_urls);
}
