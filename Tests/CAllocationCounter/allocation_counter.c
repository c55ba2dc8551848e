// SPDX-License-Identifier: Apache-2.0
//
// The heap's entry points, each counted on its thread and handed on to glibc's own.
//
// A symbol that a program defines wins over its libraries', so that what the Swift runtime and the C
// libraries take is counted as well. It costs an addition a call.

#include "CAllocationCounter.h"

#include <errno.h>
#include <stddef.h>

#if defined(__has_feature)
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define HEAP_IS_ANOTHERS 1
#endif
#endif

static _Thread_local allocation_count counted;

allocation_count allocation_counted(void) { return counted; }

#ifdef HEAP_IS_ANOTHERS

_Bool allocation_is_counted(void) { return 0; }

#else

extern void *__libc_malloc(size_t size);
extern void *__libc_calloc(size_t count, size_t size);
extern void *__libc_realloc(void *block, size_t size);
extern void *__libc_memalign(size_t alignment, size_t size);

_Bool allocation_is_counted(void) { return 1; }

static void count(size_t size) {
    counted.blocks += 1;
    counted.bytes += size;
}

void *malloc(size_t size) {
    count(size);
    return __libc_malloc(size);
}

void *calloc(size_t number, size_t size) {
    count(number * size);
    return __libc_calloc(number, size);
}

void *realloc(void *block, size_t size) {
    count(size);
    return __libc_realloc(block, size);
}

void *memalign(size_t alignment, size_t size) {
    count(size);
    return __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
    count(size);
    return __libc_memalign(alignment, size);
}

int posix_memalign(void **block, size_t alignment, size_t size) {
    count(size);
    void *taken = __libc_memalign(alignment, size);
    if (taken == NULL) return ENOMEM;
    *block = taken;
    return 0;
}

#endif
