// SPDX-License-Identifier: Apache-2.0
//
// Namespaced Merkle trees over leaves that are hashed already, several trees side by side so that
// even the levels near the roots fill the lanes of the hash.
#include "include/ck_sha256.h"
#include <string.h>

enum { namespace_size = 29, digest_size = 32, node_size = 90, batch = 16 };

void ck_nmt_leaf_nodes(
    const ck_nmt_leaf_places *places, size_t first, size_t count, size_t trees, size_t size,
    uint8_t *nodes) {
    for (size_t i = 0; i < count; i++) {
        const uint8_t *digest = places->digests + i * places->digest_pitch;
        const uint8_t *namespace = places->namespaces + i * places->namespace_pitch;
        for (size_t tree = 0; tree < trees; tree++) {
            uint8_t *node = nodes + (tree * size + first + i) * node_size;
            const uint8_t *own = namespace + tree * places->namespace_step;
            memcpy(node, own, namespace_size);
            memcpy(node + namespace_size, own, namespace_size);
            memcpy(
                node + 2 * namespace_size, digest + tree * places->digest_step, digest_size);
        }
    }
}

static const uint8_t parity[namespace_size] = {
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
    255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255, 255,
};

/// Writes parent i over nodes that its own children, 2 i and 2 i + 1, have been read from.
static void write_parent(uint8_t *parent, const uint8_t *children, const uint8_t *digest) {
    const uint8_t *right = children + node_size;
    bool is_right_parity = memcmp(right, parity, namespace_size) == 0;
    uint8_t maximum[namespace_size];
    memcpy(maximum, (is_right_parity ? children : right) + namespace_size, namespace_size);
    memmove(parent, children, namespace_size);
    memcpy(parent + namespace_size, maximum, namespace_size);
    memcpy(parent + 2 * namespace_size, digest, digest_size);
}

size_t ck_nmt_forest(
    ck_sha256_level level, uint8_t *nodes, size_t trees, size_t size, uint8_t *digests) {
    size_t compressions = 0;
    for (size_t width = size / 2; width >= 1; width /= 2) {
        size_t count = trees * width;
        for (size_t done = 0; done < count;) {
            size_t lanes = count - done < batch ? count - done : batch;
            uint8_t made[batch * digest_size];
            const uint8_t *children = nodes + 2 * node_size * done;
            ck_nmt_nodes(level, children, lanes, made, digest_size);
            for (size_t i = 0; i < lanes; i++)
                write_parent(
                    nodes + node_size * (done + i), children + 2 * node_size * i,
                    made + digest_size * i);
            if (digests) {
                memcpy(digests, made, lanes * digest_size);
                digests += lanes * digest_size;
            }
            done += lanes;
        }
        compressions += 3 * count;
    }
    return compressions;
}
