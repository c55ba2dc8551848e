// SPDX-License-Identifier: Apache-2.0

/// One worker's Ethereum machine: its slabs of stack, memory and frames, and what it works on.
///
/// Memory of all frames is one slab, each frame's above its caller's; so are the stacks. A slab
/// grows, never shrinks, and is read only where it was zeroed or written. Not for several threads.
final class Machine {
    let journal: StateJournal
    let block: BlockState
    let precompiles: Precompiles
    let environment: BlockEnvironment
    let fork: Hardfork
    let schedule: UnsafePointer<UInt64>

    /// Who signed the transaction.
    var origin = Address(0)
    /// What a unit of gas costs the sender.
    var gasPrice = UInt256.zero
    var blobHashes: [UInt256] = []
    /// Gas to be given back at the end; may go below 0 between stores.
    var refund: Int64 = 0

    let stack: UnsafeMutablePointer<UInt256>
    let frames: UnsafeMutablePointer<CallFrame>
    /// The frame that runs; 0 is the transaction's.
    var depth = 0
    private(set) var memory: UnsafeMutableRawPointer
    private var memoryCapacity = 1 << 16
    /// What the last call gave back.
    private(set) var output: UnsafeMutablePointer<UInt8>
    private var outputCapacity = 1 << 12
    var outputSize = 0
    /// How the frame at depth 0 ended; a creation's code was taken by then.
    var lastEnding = Ending.success

    init(block: BlockState, environment: BlockEnvironment) {
        self.block = block
        self.environment = environment
        fork = environment.fork
        schedule = GasSchedule.table(fork)
        precompiles = Precompiles(fork)
        journal = StateJournal(block: block, precompiles: precompiles)
        stack = .allocate(capacity: (ExecutionLimits.callDepth + 2) * ExecutionLimits.stackWords)
        frames = .allocate(capacity: ExecutionLimits.callDepth + 2)
        memory = .allocate(byteCount: memoryCapacity, alignment: 32)
        output = .allocate(capacity: outputCapacity)
    }

    deinit {
        stack.deallocate()
        frames.deallocate()
        memory.deallocate()
        output.deallocate()
    }

    /// The frame that runs.
    var frame: UnsafeMutablePointer<CallFrame> { frames + depth }

    /// Makes room for the slab's first `end` bytes, of which `used` hold something.
    func reserveMemory(_ end: Int, keeping used: Int) {
        guard end > memoryCapacity else { return }
        var capacity = memoryCapacity
        while capacity < end { capacity *= 2 }
        let larger = UnsafeMutableRawPointer.allocate(byteCount: capacity, alignment: 32)
        larger.copyMemory(from: memory, byteCount: used)
        memory.deallocate()
        memory = larger
        memoryCapacity = capacity
    }

    /// Grows the running frame's memory to hold `end` bytes.
    ///
    /// - Returns: gas that is left, negative when it does not suffice, and the new size.
    func grow(_ end: UInt64, gas: Int64, size: Int) -> (gas: Int64, size: Int) {
        guard end <= UInt64(ExecutionLimits.memorySizeBytes) else { return (-1, size) }
        let words = Int(end &+ 31) >> 5
        let old = size >> 5
        let cost = Self.memoryCost(words) &- Self.memoryCost(old)
        guard gas >= cost else { return (-1, size) }
        let start = frame.pointee.memoryStart
        guard start &+ words &* 32 <= ExecutionLimits.memorySizeBytes else { return (-1, size) }
        reserveMemory(start &+ words &* 32, keeping: start &+ size)
        (memory + (start &+ size)).initializeMemory(
            as: UInt8.self, repeating: 0, count: (words &- old) &* 32)
        return (gas &- cost, words &* 32)
    }

    static func memoryCost(_ words: Int) -> Int64 {
        Int64(words &* 3 &+ words &* words / 512)
    }

    /// Takes bytes over as what the last call gave back.
    func setOutput(_ bytes: UnsafeRawPointer, _ count: Int) {
        outputSize = count
        guard count > 0 else { return }
        if count > outputCapacity {
            while outputCapacity < count { outputCapacity *= 2 }
            output.deallocate()
            output = .allocate(capacity: outputCapacity)
        }
        UnsafeMutableRawPointer(output).copyMemory(from: bytes, byteCount: count)
    }

    /// The same for an array.
    func setOutput(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { buffer in
            if let base = buffer.baseAddress {
                setOutput(base, buffer.count)
            } else {
                outputSize = 0
            }
        }
    }
}

/// For the frame that runs: charging and reaching memory, on behalf of `slow` instructions.
extension Machine {
    /// Takes gas; false when it does not suffice.
    @inline(__always) func charge(_ amount: Int64) -> Bool {
        frame.pointee.gas &-= amount
        return frame.pointee.gas >= 0
    }

    /// Grows memory to hold a range; false when gas does not suffice.
    func expand(_ offset: UInt256, _ size: UInt256) -> Bool {
        if size.isZero { return true }
        guard offset.isSmall, size.isSmall, offset.w0 < 1 << 40, size.w0 < 1 << 40 else {
            return false
        }
        let end = offset.w0 &+ size.w0
        if end <= UInt64(frame.pointee.memorySize) { return true }
        let (gas, grown) = grow(end, gas: frame.pointee.gas, size: frame.pointee.memorySize)
        frame.pointee.gas = gas
        frame.pointee.memorySize = grown
        return gas >= 0
    }

    /// The address of a byte of the running frame's memory.
    func place(_ offset: UInt256) -> UnsafeMutableRawPointer {
        memory + (frame.pointee.memoryStart &+ Int(truncatingIfNeeded: offset.w0))
    }

    /// What touching an account costs on top of the warm price (EIP-2929).
    @inline(__always) func coldCost(_ account: Int32) -> Int64 {
        fork >= .berlin && journal.warm(account) ? 2500 : 0
    }

    /// The words of a size.
    @inline(__always) static func words(_ size: UInt64) -> Int64 {
        Int64(truncatingIfNeeded: (size &+ 31) >> 5)
    }
}
