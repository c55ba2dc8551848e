// SPDX-License-Identifier: Apache-2.0
//
// Keccak-256 as Ethereum uses it (padding 0x01, not SHA-3's 0x06), of one message or of many at
// once. Pure on the bytes it is given: no allocation, no state, no failure; pointers need no
// alignment. Compiled without the compiler's straight-line vectoriser, which doubles the time of
// the scalar permutation.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Ways to compute; all give the same bytes. A later one needs a newer processor.
typedef enum {
    /// Plain C.
    CK_KECCAK_PORTABLE = 0,
    /// One message by BMI, four at once by AVX2.
    CK_KECCAK_AVX2 = 1,
    /// Eight at once by AVX-512.
    CK_KECCAK_AVX512 = 2,
} ck_keccak_level;

/// Whether this processor can run a level.
bool ck_keccak_supports(ck_keccak_level level);

/// The level that `supports` allows and that is fastest.
ck_keccak_level ck_keccak_best(void);

/// Digests `length` bytes at `message` into 32 bytes.
void ck_keccak256(ck_keccak_level level, const uint8_t *message, size_t length, uint8_t *digest);

/// Digests `count` messages: message i is `lengths[i]` bytes at `messages[i]`, its digest goes to
/// `digests + i * 32`. Neighbours of about one length share a permutation, so sort by length
/// where that costs nothing.
void ck_keccak256_many(
    ck_keccak_level level, const uint8_t *const *messages, const size_t *lengths, size_t count,
    uint8_t *digests);
