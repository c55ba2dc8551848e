// SPDX-License-Identifier: Apache-2.0
//
// Counts what a thread takes from the heap, in the program that this is linked into.

#ifndef QUADRAT_ALLOCATION_COUNTER_H
#define QUADRAT_ALLOCATION_COUNTER_H

#include <stdint.h>

/// What the calling thread took since it began: blocks, and their bytes as they were asked for.
typedef struct {
    uint64_t blocks;
    uint64_t bytes;
} allocation_count;

/// The calling thread's count.
allocation_count allocation_counted(void);

/// Whether this program counts at all: not under a sanitizer, which has an allocator of its own.
_Bool allocation_is_counted(void);

#endif
