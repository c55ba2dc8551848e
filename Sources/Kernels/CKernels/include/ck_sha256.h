// SPDX-License-Identifier: Apache-2.0
//
// SHA-256 (FIPS 180-4), one message or many at once, and the two shapes of message that namespaced
// Merkle trees hash. Digests are written most significant byte first.
#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/// Ways to compute; all give the same bytes. A later one needs a newer processor.
typedef enum {
    /// Plain C.
    CK_SHA256_PORTABLE = 0,
    /// SHA-NI, one to four interleaved streams.
    CK_SHA256_SHANI = 1,
    /// SHA-NI for few streams, AVX-512 for sixteen at once.
    CK_SHA256_AVX512 = 2,
} ck_sha256_level;

/// Whether this processor can run a level.
bool ck_sha256_supports(ck_sha256_level level);

/// The level that `supports` allows and that is fastest.
ck_sha256_level ck_sha256_best(void);

/// Runs `count` blocks of 64 bytes into `state` (eight words in the machine's order).
void ck_sha256_compress(
    ck_sha256_level level, uint32_t state[8], const uint8_t *blocks, size_t count);

/// Digests `count` messages of `length` bytes; message i is at `messages + i * stride`, its digest
/// goes to `digests + i * 32`.
void ck_sha256_many(
    ck_sha256_level level, const uint8_t *messages, size_t length, size_t stride, size_t count,
    uint8_t *digests);

/// Digests `count` tree leaves, 0x00 ‖ namespace (29) ‖ share (512). Share i is at
/// `shares + i * share_stride`, its namespace at `namespaces + i * namespace_stride` (stride 0: the
/// same for all), its digest goes to `digests + i * 32`. Answers how many compressions it ran.
size_t ck_nmt_leaves(
    ck_sha256_level level, const uint8_t *shares, size_t share_stride, const uint8_t *namespaces,
    size_t namespace_stride, size_t count, uint8_t *digests);

/// Digests `count` inner nodes, 0x01 ‖ left (90) ‖ right (90). Pair i is the 180 bytes at
/// `pairs + i * 180`, its digest goes to `digests + i * digest_stride`.
void ck_nmt_nodes(
    ck_sha256_level level, const uint8_t *pairs, size_t count, uint8_t *digests,
    size_t digest_stride);

/// Where the leaves of a row or of adjacent columns are: digest and namespace of leaf i of tree t
/// are `i * pitch + t * step` bytes after the first.
typedef struct {
    const uint8_t *digests;
    size_t digest_pitch, digest_step;
    const uint8_t *namespaces;
    size_t namespace_pitch, namespace_step;
} ck_nmt_leaf_places;

/// Writes the 90-byte nodes of leaves `first ..< first + count` of each of `trees` trees:
/// namespace ‖ namespace ‖ digest. Leaf i of tree t goes to node t · size + i, where places count i from `first`.
void ck_nmt_leaf_nodes(
    const ck_nmt_leaf_places *places, size_t first, size_t count, size_t trees, size_t size,
    uint8_t *nodes);

/// Builds `trees` trees of `size` leaves, a power of two of at least 2, in place: tree t's leaves
/// are nodes t · size and following, and its root ends up as node t. The maximum of a node whose
/// right child is all parity is the left one's. Where `digests` is not null, the digests of all
/// inner nodes go there: those just above the leaves of all trees first, tree after tree; in all
/// trees · (size − 1) · 32 bytes. Answers how many compressions it ran.
size_t ck_nmt_forest(
    ck_sha256_level level, uint8_t *nodes, size_t trees, size_t size, uint8_t *digests);

/// Runs `count` blocks of each of `lanes` messages, 1 to 4, interleaved where the level can;
/// message i is at `messages[i]`. It is what measures the best number of streams.
void ck_sha256_interleaved(
    ck_sha256_level level, uint32_t (*states)[8], const uint8_t *const *messages, size_t lanes,
    size_t count);
