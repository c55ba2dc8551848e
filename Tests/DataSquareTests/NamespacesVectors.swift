// SPDX-License-Identifier: Apache-2.0

import Bytes
import DataSquare
import TestSupport
import Testing

/// Namespaces against the reference's word.
@Suite struct NamespacesVectors {
    /// Every operation of the family gives what the reference gave.
    @Test func everyCase() throws {
        let family = try Vectors.family("namespaces")
        try checkConstants(try family.root["constants"])
        for test in family.cases {
            let id = try test["id"].string
            switch try test["op"].string {
            case "from_bytes": try checkReading(test, id)
            case "new_v0": try checkUserID(test, id)
            case "compare": try checkOrder(test, id)
            case "add_int": try checkAddition(test, id)
            case let other: Issue.record("\(id): unknown operation \(other)")
            }
        }
    }

    private func checkConstants(_ constants: JSONTree) throws {
        #expect(Namespace.sizeBytes == (try constants["size"].integer))
        let named: [(String, Namespace)] = [
            ("tx", .transactions), ("pay_for_blob", .payForBlobs),
            ("pay_for_fibre", .payForFibre),
            ("primary_reserved_padding", .primaryReservedPadding),
            ("max_primary_reserved", .primaryReservedPadding),
            ("min_secondary_reserved", .secondaryReservedMinimum),
            ("tail_padding", .tailPadding), ("parity", .parity),
        ]
        for (name, namespace) in named {
            #expect(namespace.bytes.array == (try constants[name].hex), "\(name)")
        }
    }

    private func checkReading(_ test: JSONTree, _ id: String) throws {
        let bytes = try test["bytes"].hex
        guard try test["ok"].bool else {
            #expect(throws: DecodeFault.self, "\(id)") { try Namespace(decoding: bytes) }
            return
        }
        let namespace = try Namespace(decoding: bytes)
        #expect(namespace.bytes.array == bytes)
        let again = try Namespace(version: namespace.version, identifier: namespace.identifier)
        #expect(again == namespace)
        #expect(Int(namespace.version) == (try test["version"].integer))
        let answers: [(String, Bool)] = [
            ("valid_for_data", namespace.isValidForData),
            ("valid_for_blob", namespace.isValidForBlob),
            ("reserved", namespace.isReserved),
            ("primary_reserved", namespace.isPrimaryReserved),
            ("secondary_reserved", namespace.isSecondaryReserved),
            ("usable", !namespace.isParity && !namespace.isTailPadding),
            ("parity", namespace.isParity),
            ("tail_padding", namespace.isTailPadding),
            ("primary_reserved_padding", namespace.isPrimaryReservedPadding),
            ("tx", namespace == .transactions),
            ("pfb", namespace == .payForBlobs),
            ("pay_for_fibre", namespace == .payForFibre),
        ]
        for (name, answer) in answers {
            #expect(answer == (try test[name].bool), "\(id) \(name)")
        }
    }

    private func checkUserID(_ test: JSONTree, _ id: String) throws {
        let userID = try test["sub_id"].hex
        guard try test["ok"].bool else {
            #expect(throws: DecodeFault.self, "\(id)") { try Namespace(userID: userID) }
            return
        }
        let namespace = try Namespace(userID: userID)
        #expect(namespace.bytes.array == (try test["namespace"].hex), "\(id)")
        #expect(namespace.isValidForBlob == (try test["valid_for_blob"].bool), "\(id)")
    }

    private func checkOrder(_ test: JSONTree, _ id: String) throws {
        let left = Namespace(unchecked: try FixedBytes(decoding: try test["a"].hex))
        let right = Namespace(unchecked: try FixedBytes(decoding: try test["b"].hex))
        let order = left < right ? -1 : left == right ? 0 : 1
        #expect(order == (try test["result"].integer), "\(id)")
    }

    private func checkAddition(_ test: JSONTree, _ id: String) throws {
        let namespace = Namespace(unchecked: try FixedBytes(decoding: try test["a"].hex))
        let offset = try test["int"].integer
        guard try test["ok"].bool else {
            #expect(throws: ArithmeticFault.self, "\(id)") { try namespace.advanced(by: offset) }
            return
        }
        let sum = try namespace.advanced(by: offset)
        #expect(sum.bytes.array == (try test["result"].hex), "\(id)")
    }
}
