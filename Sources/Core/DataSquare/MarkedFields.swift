// SPDX-License-Identifier: Apache-2.0

internal import Bytes

/// The fields that blob transactions and index wrappers share, told apart by a text in field 3.
///
/// Bytes that are no such message are no fault: they are another kind of transaction.
struct MarkedFields {
    /// The content of field 1.
    private(set) var transaction: ArraySlice<UInt8> = []
    /// The contents of field 2, in order, unread.
    private(set) var repeated: [ProtobufField] = []
    /// Whether field 2 came more often than it may; `repeated` is then cut short.
    private(set) var isOverLimit = false
    /// Whether a field came that the schema does not name.
    private(set) var hasUnknownFields = false
    /// Whether the fields came in the order of their numbers.
    private(set) var isAscending = true

    /// Reads a whole message, or is nil when it is malformed or marked otherwise.
    init?(_ bytes: ArraySlice<UInt8>, typeID: String, repeatedLimit: Int) {
        var mark: ArraySlice<UInt8> = []
        var reader = ProtobufReader(bytes)
        var last = 0
        do throws(DecodeFault) {
            while let field = try reader.next() {
                isAscending = isAscending && field.number >= last
                last = field.number
                switch field.number {
                case 1: transaction = try field.bytes()
                case 2 where repeated.count < repeatedLimit: repeated.append(field)
                case 2: isOverLimit = true
                case 3: mark = try field.bytes()
                default: hasUnknownFields = true
                }
            }
        } catch {
            return nil
        }
        guard mark.elementsEqual(typeID.utf8) else { return nil }
    }
}
