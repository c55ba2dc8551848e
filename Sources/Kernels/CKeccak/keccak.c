// SPDX-License-Identifier: Apache-2.0
//
// The sponge around the permutation, and what this processor can run.
#include "keccak_levels.h"

bool ck_keccak_supports(ck_keccak_level level) {
#if defined(__x86_64__)
    bool wide = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi")
        && __builtin_cpu_supports("bmi2");
    switch (level) {
    case CK_KECCAK_PORTABLE: return true;
    case CK_KECCAK_AVX2: return wide;
    case CK_KECCAK_AVX512: return wide && __builtin_cpu_supports("avx512f");
    default: return false;
    }
#else
    return level == CK_KECCAK_PORTABLE;
#endif
}

ck_keccak_level ck_keccak_best(void) {
    if (ck_keccak_supports(CK_KECCAK_AVX512)) return CK_KECCAK_AVX512;
    return ck_keccak_supports(CK_KECCAK_AVX2) ? CK_KECCAK_AVX2 : CK_KECCAK_PORTABLE;
}

static inline void absorb(uint64_t state[25], const uint8_t *block) {
    for (int w = 0; w < CK_KECCAK_WORDS; w++) {
        uint64_t word;
        memcpy(&word, block + 8 * w, 8);
        state[w] ^= word;
    }
}

void ck_keccak256(ck_keccak_level level, const uint8_t *message, size_t length, uint8_t *digest) {
    void (*permute)(uint64_t *) =
        level == CK_KECCAK_PORTABLE ? ck_keccak_f_portable : ck_keccak_f_bmi;
    uint64_t state[25] = {0};
    uint8_t tail[CK_KECCAK_RATE];
    while (length >= CK_KECCAK_RATE) {
        absorb(state, message);
        permute(state);
        message += CK_KECCAK_RATE;
        length -= CK_KECCAK_RATE;
    }
    ck_keccak_tail(message, length, tail);
    absorb(state, tail);
    permute(state);
    memcpy(digest, state, 32);
}

void ck_keccak256_many(
    ck_keccak_level level, const uint8_t *const *messages, const size_t *lengths, size_t count,
    uint8_t *digests) {
    size_t done = 0;
    if (level == CK_KECCAK_AVX512)
        for (; count - done >= 8; done += 8)
            ck_keccak256_eight(messages + done, lengths + done, digests + 32 * done);
    if (level != CK_KECCAK_PORTABLE)
        for (; count - done >= 4; done += 4)
            ck_keccak256_four(messages + done, lengths + done, digests + 32 * done);
    for (; done < count; done++)
        ck_keccak256(level, messages[done], lengths[done], digests + 32 * done);
}
