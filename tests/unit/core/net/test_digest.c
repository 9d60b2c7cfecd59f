/* SPDX-License-Identifier: Apache-2.0 */
#include "core/net/digest.h"

#include "tests/unit/cmocka_all.h"

#include <string.h>

static void sha256_of_known_texts(void **state)
{
    (void)state;
    char hex[SHA256_HEX];
    digest_sha256_hex("", 0, hex); /* FIPS 180-4 */
    assert_string_equal(hex, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    digest_sha256_hex("abc", 3, hex);
    assert_string_equal(hex, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

static void hmac_of_the_vectors_of_rfc_4231(void **state)
{
    (void)state;
    char hex[SHA256_HEX], key[131];
    memset(key, 0x0b, 20);
    digest_hmac_sha256_hex(key, 20, "Hi There", 8, hex);
    assert_string_equal(hex, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    digest_hmac_sha256_hex("Jefe", 4, "what do ya want for nothing?", 28, hex);
    assert_string_equal(hex, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof key);
    const char *text = "Test Using Larger Than Block-Size Key - Hash Key First";
    digest_hmac_sha256_hex(key, sizeof key, text, strlen(text), hex);
    assert_string_equal(hex, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
}

static void texts_are_compared(void **state)
{
    (void)state;
    assert_true(digest_is_equal("abc", "abc"));
    assert_true(digest_is_equal("", ""));
    assert_false(digest_is_equal("abc", "abd"));
    assert_false(digest_is_equal("abc", "ab"));
}

static const struct {
    const char *bytes, *standard, *for_urls; /* RFC 4648 section 10, and the two last characters */
} encodings[] = {
    {"", "", ""},
    {"f", "Zg==", "Zg"},
    {"fo", "Zm8=", "Zm8"},
    {"foo", "Zm9v", "Zm9v"},
    {"foob", "Zm9vYg==", "Zm9vYg"},
    {"fooba", "Zm9vYmE=", "Zm9vYmE"},
    {"foobar", "Zm9vYmFy", "Zm9vYmFy"},
    {"\xff\xef\xfe\xfb", "/+/++w==", "_-_--w"},
};

static void base64_goes_both_ways(void **state)
{
    (void)state;
    for (size_t i = 0; i < sizeof encodings / sizeof *encodings; i++) {
        const char *bytes = encodings[i].bytes;
        struct strbuf text = STRBUF_INIT(100), back = STRBUF_INIT(100);
        base64_encode(&text, bytes, strlen(bytes));
        assert_string_equal(text.buf, encodings[i].standard);
        assert_int_equal(base64_decode(&back, text.buf, text.len), 0);
        assert_string_equal(back.buf, bytes);
        strbuf_clear(&text);
        strbuf_clear(&back);
        base64url_encode(&text, bytes, strlen(bytes));
        assert_string_equal(text.buf, encodings[i].for_urls);
        assert_int_equal(base64url_decode(&back, text.buf, text.len), 0);
        assert_string_equal(back.buf, bytes);
        strbuf_release(&text);
        strbuf_release(&back);
    }
}

static void every_byte_survives(void **state)
{
    (void)state;
    unsigned char bytes[256];
    struct strbuf text = STRBUF_INIT(1000), back = STRBUF_INIT(1000);
    for (size_t i = 0; i < sizeof bytes; i++)
        bytes[i] = (unsigned char)i;
    base64url_encode(&text, bytes, sizeof bytes);
    assert_int_equal(base64url_decode(&back, text.buf, text.len), 0);
    assert_int_equal(back.len, sizeof bytes);
    assert_memory_equal(back.buf, bytes, sizeof bytes);
    strbuf_release(&text);
    strbuf_release(&back);
}

static void what_is_not_base64_is_refused_and_nothing_appended(void **state)
{
    (void)state;
    static const char *const bad[] = {"Z",     "Zg=",  "Zg===", "Z===",       "=",
                                      "==",    "Zh==", "Zm9=",  "Zg==Zg==",   "Zm9v Zm9v",
                                      "Zm9\n", "Zm_v", "Zm9v=", "Zm9v\x80==="};
    struct strbuf out = STRBUF_INIT(100);
    strbuf_adds(&out, "kept");
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        if (!base64_decode(&out, bad[i], strlen(bad[i])))
            fail_msg("'%s' was read as base64", bad[i]);
        assert_string_equal(out.buf, "kept");
    }
    assert_int_equal(base64url_decode(&out, "Zm/v", 4), -1);
    strbuf_release(&out);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(sha256_of_known_texts),
        cmocka_unit_test(hmac_of_the_vectors_of_rfc_4231),
        cmocka_unit_test(texts_are_compared),
        cmocka_unit_test(base64_goes_both_ways),
        cmocka_unit_test(every_byte_survives),
        cmocka_unit_test(what_is_not_base64_is_refused_and_nothing_appended),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
