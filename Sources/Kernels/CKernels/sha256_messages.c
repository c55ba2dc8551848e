// SPDX-License-Identifier: Apache-2.0
//
// Whole messages on top of the compression functions: padding, and how many streams run at once.
#include "sha256_levels.h"
#include <string.h>

enum { stream_maximum = 4, wide_lanes = 16, block_size = 64 };

void ck_sha256_interleaved(
    ck_sha256_level level, uint32_t (*states)[8], const uint8_t *const *messages, size_t lanes,
    size_t count) {
    if (level != CK_SHA256_PORTABLE) {
        ck_sha256_interleaved_shani(states, messages, lanes, count);
        return;
    }
    for (size_t lane = 0; lane < lanes; lane++)
        ck_sha256_compress_portable(states[lane], messages[lane], count);
}

void ck_sha256_compress(
    ck_sha256_level level, uint32_t state[8], const uint8_t *blocks, size_t count) {
    ck_sha256_interleaved(level, (uint32_t(*)[8])(void *)state, &blocks, 1, count);
}

static void write_digest(const uint32_t state[8], uint8_t *digest) {
    for (size_t i = 0; i < 8; i++) {
        uint32_t word = __builtin_bswap32(state[i]);
        memcpy(digest + 4 * i, &word, 4);
    }
}

static void begin(uint32_t (*states)[8], size_t lanes) {
    for (size_t lane = 0; lane < lanes; lane++)
        memcpy(states[lane], ck_sha256_initial, sizeof ck_sha256_initial);
}

/// Ends a message: 0x80 after `used` bytes of `blocks`, zeros, and `length` in bits at the end of
/// the last of `count` blocks.
static void pad(uint8_t *blocks, size_t used, size_t count, size_t length) {
    uint64_t bits = __builtin_bswap64((uint64_t)length * 8);
    memset(blocks + used, 0, count * block_size - used);
    blocks[used] = 0x80;
    memcpy(blocks + count * block_size - 8, &bits, 8);
}

static size_t lesser(size_t a, size_t b) { return a < b ? a : b; }

void ck_sha256_many(
    ck_sha256_level level, const uint8_t *messages, size_t length, size_t stride, size_t count,
    uint8_t *digests) {
    size_t whole = length / block_size, rest = length % block_size;
    size_t ending = rest < 56 ? 1 : 2;
    uint8_t tails[stream_maximum][2 * block_size];
    for (size_t done = 0; done < count;) {
        size_t lanes = lesser(count - done, stream_maximum);
        uint32_t states[stream_maximum][8];
        const uint8_t *at[stream_maximum], *ends[stream_maximum];
        begin(states, lanes);
        for (size_t lane = 0; lane < lanes; lane++) {
            at[lane] = messages + (done + lane) * stride;
            memcpy(tails[lane], at[lane] + whole * block_size, rest);
            pad(tails[lane], rest, ending, length);
            ends[lane] = tails[lane];
        }
        ck_sha256_interleaved(level, states, at, lanes, whole);
        ck_sha256_interleaved(level, states, ends, lanes, ending);
        for (size_t lane = 0; lane < lanes; lane++)
            write_digest(states[lane], digests + 32 * (done + lane));
        done += lanes;
    }
}

/// Up to four leaves: a built first block, seven blocks of the share in place, a built last one.
static void few_leaves(
    ck_sha256_level level, const uint8_t *shares, size_t share_stride, const uint8_t *namespaces,
    size_t namespace_stride, size_t lanes, uint8_t *digests) {
    enum { in_first = 34, in_last = 30, namespace_size = 29, share_size = 512 };
    uint32_t states[stream_maximum][8];
    uint8_t built[stream_maximum][2][block_size];
    const uint8_t *first[stream_maximum], *middle[stream_maximum], *last[stream_maximum];
    begin(states, lanes);
    for (size_t lane = 0; lane < lanes; lane++) {
        const uint8_t *share = shares + lane * share_stride;
        built[lane][0][0] = 0;
        memcpy(built[lane][0] + 1, namespaces + lane * namespace_stride, namespace_size);
        memcpy(built[lane][0] + 1 + namespace_size, share, in_first);
        memcpy(built[lane][1], share + share_size - in_last, in_last);
        pad(built[lane][1], in_last, 1, 1 + namespace_size + share_size);
        first[lane] = built[lane][0];
        middle[lane] = share + in_first;
        last[lane] = built[lane][1];
    }
    ck_sha256_interleaved(level, states, first, lanes, 1);
    ck_sha256_interleaved(level, states, middle, lanes, 7);
    ck_sha256_interleaved(level, states, last, lanes, 1);
    for (size_t lane = 0; lane < lanes; lane++) write_digest(states[lane], digests + 32 * lane);
}

size_t ck_nmt_leaves(
    ck_sha256_level level, const uint8_t *shares, size_t share_stride, const uint8_t *namespaces,
    size_t namespace_stride, size_t count, uint8_t *digests) {
    size_t done = 0;
    while (done < count) {
        size_t left = count - done, lanes;
        const uint8_t *share = shares + done * share_stride;
        const uint8_t *namespace = namespaces + done * namespace_stride;
        if (level == CK_SHA256_AVX512 && left > 2 * stream_maximum) {
            lanes = lesser(left, wide_lanes);
            ck_nmt_leaves_avx512(
                share, share_stride, namespace, namespace_stride, lanes, digests + 32 * done);
        } else {
            lanes = lesser(left, stream_maximum);
            few_leaves(
                level, share, share_stride, namespace, namespace_stride, lanes,
                digests + 32 * done);
        }
        done += lanes;
    }
    return 9 * done;
}

/// Up to four inner nodes, each copied behind its mark and before its padding.
static void few_nodes(
    ck_sha256_level level, const uint8_t *pairs, size_t lanes, uint8_t *digests,
    size_t digest_stride) {
    enum { pair_size = 180, blocks = 3 };
    uint32_t states[stream_maximum][8];
    uint8_t built[stream_maximum][blocks * block_size];
    const uint8_t *at[stream_maximum];
    begin(states, lanes);
    for (size_t lane = 0; lane < lanes; lane++) {
        built[lane][0] = 1;
        memcpy(built[lane] + 1, pairs + pair_size * lane, pair_size);
        pad(built[lane], 1 + pair_size, blocks, 1 + pair_size);
        at[lane] = built[lane];
    }
    ck_sha256_interleaved(level, states, at, lanes, blocks);
    for (size_t lane = 0; lane < lanes; lane++)
        write_digest(states[lane], digests + lane * digest_stride);
}

void ck_nmt_nodes(
    ck_sha256_level level, const uint8_t *pairs, size_t count, uint8_t *digests,
    size_t digest_stride) {
    for (size_t done = 0; done < count;) {
        size_t left = count - done, lanes;
        uint8_t *target = digests + done * digest_stride;
        if (level == CK_SHA256_AVX512 && left > 2 * stream_maximum) {
            lanes = lesser(left, wide_lanes);
            ck_nmt_nodes_avx512(pairs + 180 * done, lanes, target, digest_stride);
        } else {
            lanes = lesser(left, stream_maximum);
            few_nodes(level, pairs + 180 * done, lanes, target, digest_stride);
        }
        done += lanes;
    }
}
