// SPDX-License-Identifier: Apache-2.0

import Bytes
import Chain
import Cryptography
import DataSquare
import Testing

/// What a header binds, and what it does not.
@Suite struct SidecarOpeningTests {
    private static let parameters = SHA256.hash([3])

    private static func header(
        _ extension: HeaderExtension, dataRoot: Bytes32
    ) throws -> BlockHeader {
        var header = try ChainExamples.block(on: .none, at: 100, by: [1: 1], next: [1: 1]).header
        header.dataHash = dataRoot
        header.consensusHash = SHA256.hash(parameters.array + `extension`.hash.array)
        return header
    }

    /// The bound values pass; others, other openings and unbound headers are told apart.
    @Test func everyFault() throws {
        let root = SHA256.hash([1])
        let sidecar = try EncodingSidecar(originalWidth: 2, bytes: Array(0..<32))
        let bound = HeaderExtension(
            view: 5, parentView: 4, sidecarBinding: sidecar.binding(dataRoot: root))
        let header = try Self.header(bound, dataRoot: root)
        let opening = SidecarOpening(parametersHash: Self.parameters, extension: bound)
        try opening.verify(sidecar, of: header)
        #expect(try SidecarOpening(protobuf: opening.protobuf[...]) == opening)

        let others = try EncodingSidecar(originalWidth: 2, bytes: Array(1..<33))
        #expect(throws: SidecarFault.values) { try opening.verify(others, of: header) }
        var moved = header
        moved.dataHash = SHA256.hash([2])
        #expect(throws: SidecarFault.values) { try opening.verify(sidecar, of: moved) }
        let forged = SidecarOpening(
            parametersHash: Self.parameters,
            extension: HeaderExtension(
                view: 5, parentView: 4, sidecarBinding: others.binding(dataRoot: root)))
        #expect(throws: SidecarFault.opening) { try forged.verify(others, of: header) }
        let unbound = HeaderExtension(view: 5, parentView: 4)
        #expect(throws: SidecarFault.unbound) {
            try SidecarOpening(parametersHash: Self.parameters, extension: unbound)
                .verify(sidecar, of: try Self.header(unbound, dataRoot: root))
        }
    }

    /// Openings without a part, with an unknown field or too long are refused.
    @Test func shapesAreChecked() throws {
        #expect(throws: DecodeFault.self) { try SidecarOpening(protobuf: []) }
        let opening = SidecarOpening(
            parametersHash: Self.parameters, extension: HeaderExtension(view: 1, parentView: 0))
        #expect(throws: DecodeFault.self) {
            try SidecarOpening(protobuf: (opening.protobuf + [0x18, 1])[...])
        }
        #expect(throws: DecodeFault.self) {
            try SidecarOpening(
                protobuf: [UInt8](repeating: 0, count: SidecarOpening.sizeLimit + 1)[...])
        }
    }
}
