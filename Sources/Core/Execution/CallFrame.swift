// SPDX-License-Identifier: Apache-2.0

/// One call that is running: what the interpreter puts down when it leaves it for another.
///
/// Plain data in a slab, one for each depth; nothing in it is counted.
struct CallFrame {
    /// The first byte of the code.
    var code: UnsafePointer<UInt8>
    /// Where jumps may go, a bit for each byte.
    var destinations: UnsafePointer<UInt64>
    var codeSize: Int
    /// The next instruction.
    var counter: UnsafePointer<UInt8>
    /// One word below the first of the stack.
    var floor: UnsafeMutablePointer<UInt256>
    /// The topmost word.
    var top: UnsafeMutablePointer<UInt256>
    var gas: Int64
    /// Where the memory begins in the machine's slab, and its bytes, a multiple of 32.
    var memoryStart: Int
    var memorySize: Int
    /// Where the input is in the machine's slab.
    var inputStart: Int
    var inputSize: Int
    /// Whose storage and balance it works on.
    var account: Int32
    var address: Address
    var caller: Address
    var value: UInt256
    var isStatic: Bool
    /// Whether it makes a contract.
    var isCreation: Bool
    /// Where the caller wants the output in its memory.
    var outputStart: Int
    var outputSize: Int
    /// Where the journal and the refund stood when it began.
    var mark: (undo: Int, logs: Int)
    var refundBefore: Int64
}

/// How a run of instructions ended.
enum Ending: UInt8 {
    /// STOP, or a return of output.
    case success
    /// REVERT: changes are undone, gas that is left stays.
    case revert
    /// Anything that must not happen: changes are undone, all gas is gone.
    case failure
}
