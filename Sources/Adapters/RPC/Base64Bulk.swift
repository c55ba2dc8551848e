// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// Base64 of whole squares and large blobs: three bytes and four digits at a time, in place.
///
/// The definition is `Base64` in Bytes; here are only its loops for tens of megabytes, and what is
/// not whole groups of valid digits is left to the definition.
enum Base64Bulk {
    /// Appends the digits of `bytes`, padded.
    static func append(_ bytes: some Collection<UInt8>, to text: inout [UInt8]) {
        let done: Void? = bytes.withContiguousStorageIfAvailable { append($0, to: &text) }
        if done == nil { Array(bytes).withUnsafeBufferPointer { append($0, to: &text) } }
    }

    /// The bytes of a padded text in canonical form.
    static func decode(_ text: ArraySlice<UInt8>) throws(DecodeFault) -> [UInt8] {
        // The last group may be padded, so it belongs to the definition.
        let groupCount = max(0, (text.count - 1) / 4)
        var valid = true
        let start = text.startIndex
        var bytes = [UInt8](unsafeUninitializedCapacity: text.count / 4 * 3 + 3) { output, count in
            guard groupCount > 0, text.count % 4 == 0 else { return }
            text.withUnsafeBufferPointer { input in
                values.withUnsafeBufferPointer { values in
                    valid = decode(input, groupCount, values, into: output)
                }
            }
            if valid { count = groupCount * 3 }
        }
        guard valid, text.count % 4 == 0 else { return try Base64.decode(utf8: text) }
        bytes += try Base64.decode(utf8: text[(start + groupCount * 4)...])
        return bytes
    }

    private static func decode(
        _ input: UnsafeBufferPointer<UInt8>, _ groupCount: Int,
        _ values: UnsafeBufferPointer<UInt8>, into output: UnsafeMutableBufferPointer<UInt8>
    ) -> Bool {
        var seen: UInt8 = 0
        var from = 0
        var to = 0
        for _ in 0..<groupCount {
            let first = values[Int(input[from])]
            let second = values[Int(input[from &+ 1])]
            let third = values[Int(input[from &+ 2])]
            let fourth = values[Int(input[from &+ 3])]
            seen |= first | second | third | fourth
            output[to] = first &<< 2 | second &>> 4
            output[to &+ 1] = second &<< 4 | third &>> 2
            output[to &+ 2] = third &<< 6 | fourth
            from &+= 4
            to &+= 3
        }
        return seen < 64
    }

    private static func append(_ input: UnsafeBufferPointer<UInt8>, to text: inout [UInt8]) {
        let start = text.count
        let whole = input.count / 3
        text.append(contentsOf: repeatElement(0, count: whole * 4))
        text.withUnsafeMutableBufferPointer { output in
            digits.withUnsafeBufferPointer { digits in
                var from = 0
                var to = start
                for _ in 0..<whole {
                    let group =
                        UInt32(input[from]) &<< 16 | UInt32(input[from &+ 1]) &<< 8
                        | UInt32(input[from &+ 2])
                    output[to] = digits[Int(group &>> 18)]
                    output[to &+ 1] = digits[Int(group &>> 12 & 63)]
                    output[to &+ 2] = digits[Int(group &>> 6 & 63)]
                    output[to &+ 3] = digits[Int(group & 63)]
                    from &+= 3
                    to &+= 4
                }
            }
        }
        let rest = Array(input[(whole * 3)...])
        if !rest.isEmpty { text += Base64.encodeToUTF8(rest) }
    }

    private static let digits = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)
    private static let values: [UInt8] = {
        var table = [UInt8](repeating: 255, count: 256)
        for (value, digit) in digits.enumerated() { table[Int(digit)] = UInt8(value) }
        return table
    }()
}
