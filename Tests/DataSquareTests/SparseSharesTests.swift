// SPDX-License-Identifier: Apache-2.0

import Bytes
import DataSquare
import Testing

/// Blobs as shares, at every size around the boundaries of shares.
@Suite struct SparseSharesTests {
    /// Every size up to four shares, in both versions: count, layout by the definition, and back.
    @Test func everySizeToFourShares() throws {
        let namespace = try Namespace(userID: [7, 7])
        let signer = Bytes20(repeating: 0xaa)
        for size in 1...1_930 {
            let data = (0..<size).map { UInt8(truncatingIfNeeded: $0 * 31 + 1) }
            for version: UInt8 in [0, 1] {
                let blob = try Blob(
                    namespace: namespace, data: data, shareVersion: version,
                    signer: version == 1 ? signer : nil)
                let shares = SparseShareSplitter.shares(of: blob)
                let flat = shares.flatMap(\.bytes)
                #expect(flat == Self.definition(of: blob))
                #expect(shares.count == blob.shareCount)
                let parsed = try ShareParser.blobs(in: shares)
                #expect(parsed.map(\.blob) == [blob])
                let sequences = try ShareParser.sequences(inFlat: flat[...])
                #expect(sequences.map(\.shares) == [0..<shares.count])
            }
        }
    }

    /// The format written down as plainly as possible.
    private static func definition(of blob: Blob) -> [UInt8] {
        var shares: [UInt8] = []
        var rest = blob.data[...]
        var isFirst = true
        while isFirst || !rest.isEmpty {
            var share = blob.namespace.bytes.array
            share.append(blob.shareVersion * 2 + (isFirst ? 1 : 0))
            if isFirst {
                share.append(bigEndian: UInt32(blob.data.count))
                share += blob.signer?.array ?? []
            }
            while share.count < 512 { share.append(rest.popFirst() ?? 0) }
            shares += share
            isFirst = false
        }
        return shares
    }

    /// Any part of a blob's shares is the same part of all of them.
    @Test func partsAgreeWithTheWhole() throws {
        var generator = BlobGenerator(seed: 1)
        for _ in 0..<20 {
            let blob = try generator.blob(sizeMax: 4_000)
            let whole = SparseShareSplitter.shares(of: blob).flatMap(\.bytes)
            for start in 0...blob.shareCount {
                for end in start...blob.shareCount {
                    var part: [UInt8] = []
                    SparseShareSplitter.append(start..<end, of: blob, to: &part)
                    #expect(part == Array(whole[start * 512..<end * 512]))
                }
            }
        }
    }

    /// A blob's rules are refused by name.
    @Test func faultsByName() throws {
        let user = try Namespace(userID: [1])
        let signer = Bytes20(repeating: 1)
        func fault(
            _ namespace: Namespace, _ data: [UInt8], _ version: UInt8, _ signer: Bytes20?
        ) -> BlobFault? {
            do throws(BlobFault) {
                _ = try Blob(
                    namespace: namespace, data: data, shareVersion: version, signer: signer)
                return nil
            } catch {
                return error
            }
        }
        #expect(fault(user, [], 0, nil) == .empty)
        #expect(fault(.tailPadding, [1], 0, nil) == .namespaceVersion(255))
        #expect(fault(user, [1], 3, nil) == .shareVersion(3))
        #expect(fault(user, [1], 1, nil) == .signerMissing(shareVersion: 1))
        #expect(fault(user, [1], 0, signer) == .signerUnexpected)
        #expect(fault(user, [1], 2, signer) == .fibreDataSize(expected: 36, actual: 1))
        #expect(fault(user, [1], 0, nil) == nil)
        let fibre = [UInt8](repeating: 9, count: 36)
        #expect(fault(user, fibre, 2, signer) == nil)
    }

    /// A version 2 blob takes one share, which says what the format says.
    @Test func fibreSystemBlob() throws {
        let blob = try Blob(
            namespace: try Namespace(userID: [9, 5]), data: [UInt8](1...36), shareVersion: 2,
            signer: Bytes20(repeating: 0xbb))
        let shares = SparseShareSplitter.shares(of: blob)
        #expect(shares.count == 1)
        var expected = blob.namespace.bytes.array + [0x05, 0, 0, 0, 36]
        expected += [UInt8](repeating: 0xbb, count: 20) + [UInt8](1...36)
        expected += [UInt8](repeating: 0, count: 512 - expected.count)
        #expect(shares[0].bytes == expected)
        #expect(shares[0].signer == blob.signer)
    }

    /// Shares that claim more bytes than there are cost no memory and are refused.
    @Test func hostileLengthIsRefused() throws {
        var bytes = Padding.share(namespace: try Namespace(userID: [1])).bytes
        for index in 30..<34 { bytes[index] = 0xff }
        let share = try Share(decoding: bytes)
        #expect(throws: DecodeFault.self) { try ShareParser.blobs(in: [share]) }
        #expect(throws: DecodeFault.self) { try ShareParser.sequences(in: [share]) }
    }
}
