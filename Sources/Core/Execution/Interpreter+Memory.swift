// SPDX-License-Identifier: Apache-2.0

internal import Cryptography

/// What the interpreter's loop asks of memory, input and code; inlined where it is short.
extension Machine {
    /// Makes a range of memory usable, which the locals of the loop show afterwards.
    @inline(__always) func reach(
        _ offset: UInt256, _ length: UInt256, _ gas: inout Int64, _ size: inout Int,
        _ memory: inout UnsafeMutableRawPointer
    ) -> Bool {
        if length.isZero { return true }
        guard offset.isSmall, length.isSmall, offset.w0 < 1 << 40, length.w0 < 1 << 40 else {
            return false
        }
        let end = offset.w0 &+ length.w0
        if end <= UInt64(truncatingIfNeeded: size) { return true }
        (gas, size) = grow(end, gas: gas, size: size)
        memory = self.memory + frame.pointee.memoryStart
        return gas >= 0
    }

    /// The same for one word.
    @inline(__always) func reach32(
        _ offset: UInt256, _ gas: inout Int64, _ size: inout Int,
        _ memory: inout UnsafeMutableRawPointer
    ) -> Bool {
        guard offset.isSmall, offset.w0 < 1 << 40 else { return false }
        let end = offset.w0 &+ 32
        if end <= UInt64(truncatingIfNeeded: size) { return true }
        (gas, size) = grow(end, gas: gas, size: size)
        memory = self.memory + frame.pointee.memoryStart
        return gas >= 0
    }

    /// An operand of up to eight bytes.
    @inline(__always) static func short(_ operand: UnsafePointer<UInt8>, _ count: Int) -> UInt256 {
        let word = UnsafeRawPointer(operand).loadUnaligned(as: UInt64.self).bigEndian
        return UInt256(word >> UInt64(64 &- 8 &* count))
    }

    /// A longer operand; 32 bytes can be read, for the code's end is padded.
    @inline(__always) static func long(_ operand: UnsafePointer<UInt8>, _ count: Int) -> UInt256 {
        UInt256(loading: operand) >> UInt64(256 &- 8 &* count)
    }

    /// Exchanges the topmost word with one below.
    @inline(__always) static func swap(_ top: UnsafeMutablePointer<UInt256>, _ depth: Int) {
        let word = top[0]
        top[0] = top[-depth]
        top[-depth] = word
    }

    /// Whether a jump may go to a byte of the code.
    @inline(__always) static func isDestination(
        _ frame: UnsafeMutablePointer<CallFrame>, _ place: UInt64
    ) -> Bool {
        guard place < UInt64(truncatingIfNeeded: frame.pointee.codeSize) else { return false }
        return frame.pointee.destinations[Int(truncatingIfNeeded: place >> 6)] >> (place & 63) & 1
            == 1
    }

    /// The digest of bytes of memory.
    static func keccak(_ bytes: UnsafeMutableRawPointer, _ count: UInt64) -> UInt256 {
        withUnsafeTemporaryAllocation(byteCount: 32, alignment: 8) { digest in
            guard let digest = digest.baseAddress else { return .zero }
            Keccak256.hash(
                UnsafePointer(bytes.assumingMemoryBound(to: UInt8.self)),
                count: Int(truncatingIfNeeded: count),
                into: digest.assumingMemoryBound(to: UInt8.self))
            return UInt256(loading: digest)
        }
    }

    /// Copies with zeros behind the source's end; the target was reached.
    static func copy(
        to memory: UnsafeMutableRawPointer, _ target: UInt256, from source: UnsafeRawPointer,
        _ sourceSize: Int, _ offset: UInt256, _ length: UInt256
    ) {
        let count = Int(truncatingIfNeeded: length.w0)
        guard count > 0 else { return }
        let place = memory + Int(truncatingIfNeeded: target.w0)
        let start = Int(clamping: min(offset.clamped, UInt64(sourceSize)))
        let copied = min(count, sourceSize &- start)
        if copied > 0 { place.copyMemory(from: source + start, byteCount: copied) }
        if copied < count {
            (place + copied).initializeMemory(as: UInt8.self, repeating: 0, count: count - copied)
        }
    }

    /// CALLDATACOPY.
    func copyInput(
        _ memory: UnsafeMutableRawPointer, _ target: UInt256, _ offset: UInt256, _ length: UInt256
    ) {
        Self.copy(
            to: memory, target, from: self.memory + frame.pointee.inputStart,
            frame.pointee.inputSize, offset, length)
    }

    /// CALLDATALOAD: 32 bytes of the input, with zeros behind its end.
    @inline(__always) func inputWord(_ offset: UInt256) -> UInt256 {
        let size = UInt64(truncatingIfNeeded: frame.pointee.inputSize)
        guard offset.isSmall, offset.w0 < size else { return .zero }
        let place = memory + (frame.pointee.inputStart &+ Int(truncatingIfNeeded: offset.w0))
        if offset.w0 &+ 32 <= size { return UInt256(loading: place) }
        var word = UInt256.zero
        for index in 0..<Int(size &- offset.w0) {
            let byte = UInt64(place.load(fromByteOffset: index, as: UInt8.self))
            word = word | UInt256(byte) << UInt64(248 &- 8 &* index)
        }
        return word
    }
}
