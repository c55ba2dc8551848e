// SPDX-License-Identifier: Apache-2.0

public import Bytes

/// Reads blobs and sequences back out of shares.
///
/// Input is shares one behind the other, in one buffer or as an array; no share is copied.
/// Specified in Protocol/01-namespaces-and-shares.md#reading-back.
public enum ShareParser {
    /// The blobs among sparse shares, each with the place of its first share.
    ///
    /// Padding is passed over. Shares beyond a sequence's length are ignored, as the reference
    /// does; `sequences` is stricter.
    /// - Throws: for a share of an unknown version, a further share without a first one or in
    ///   another namespace, a sequence longer than its shares, a blob that breaks its rules.
    public static func blobs(
        in shares: [Share]
    ) throws(DecodeFault) -> [(blob: Blob, startIndex: Int)] {
        try blobs(in: ShareViews(shares))
    }

    /// The blobs among sparse shares that stand one behind the other in `bytes`.
    public static func blobs(
        inFlat bytes: ArraySlice<UInt8>
    ) throws(DecodeFault) -> [(blob: Blob, startIndex: Int)] {
        try blobs(in: try ShareViews(flat: bytes))
    }

    /// The sequences among shares of any kind, padding passed over.
    ///
    /// - Throws: for a further share without a first one or in another namespace, and for a
    ///   sequence that has more or fewer shares than its length takes.
    public static func sequences(in shares: [Share]) throws(DecodeFault) -> [ShareSequence] {
        try sequences(in: ShareViews(shares))
    }

    /// The sequences among shares that stand one behind the other in `bytes`.
    public static func sequences(
        inFlat bytes: ArraySlice<UInt8>
    ) throws(DecodeFault) -> [ShareSequence] {
        try sequences(in: try ShareViews(flat: bytes))
    }

    static func blobs(
        in shares: ShareViews
    ) throws(DecodeFault) -> [(blob: Blob, startIndex: Int)] {
        var blobs: [(blob: Blob, startIndex: Int)] = []
        var open: OpenBlob?
        for index in 0..<shares.count {
            let share = shares[index]
            let header = ShareHeader(of: share)
            guard ShareVersion.isSupported(header.infoByte.shareVersion) else {
                throw fault("share version is unknown", at: index)
            }
            if header.isPadding { continue }
            guard !header.namespace.isCompact else {
                throw fault("transactions stand among blobs", at: index)
            }
            if header.infoByte.isSequenceStart {
                if let open { blobs.append((try open.close(), open.startIndex)) }
                open = try OpenBlob(header, startIndex: index, sharesLeft: shares.count - index)
            } else {
                guard let current = open else {
                    throw fault("a further share stands without its first", at: index)
                }
                guard current.namespace == header.namespace else {
                    throw fault("a sequence changes its namespace", at: index)
                }
            }
            open?.append(share[(share.startIndex + header.contentStart)...])
        }
        if let open { blobs.append((try open.close(), open.startIndex)) }
        return blobs
    }

    private static func sequences(
        in shares: ShareViews
    ) throws(DecodeFault) -> [ShareSequence] {
        var found: [ShareSequence] = []
        var open: (header: ShareHeader, start: Int)?
        func close(before end: Int) throws(DecodeFault) {
            guard let (header, start) = open, let length = header.sequenceLength else { return }
            guard ShareSequence.shareCount(of: header, lengthBytes: length) == end - start else {
                throw fault("a sequence has another number of shares than its length", at: start)
            }
            found.append(
                ShareSequence(
                    namespace: header.namespace, shares: start..<end, lengthBytes: length))
            open = nil
        }
        for index in 0..<shares.count {
            let header = ShareHeader(of: shares[index])
            if header.isPadding {
                try close(before: index)
            } else if header.infoByte.isSequenceStart {
                try close(before: index)
                open = (header, index)
            } else if open?.header.namespace != header.namespace {
                throw fault("a further share stands without its first", at: index)
            }
        }
        try close(before: shares.count)
        return found
    }

    static func fault(_ what: String, at index: Int) -> DecodeFault {
        .malformed(what, at: index * Share.sizeBytes)
    }
}

/// A blob of which some shares were read.
struct OpenBlob {
    let namespace: Namespace
    let startIndex: Int
    private let shareVersion: UInt8
    private let signer: Bytes20?
    private let lengthBytes: Int
    private var data: [UInt8] = []

    /// Opens at a first share; refuses a length that the shares left cannot hold.
    init(_ header: ShareHeader, startIndex: Int, sharesLeft: Int) throws(DecodeFault) {
        namespace = header.namespace
        self.startIndex = startIndex
        shareVersion = header.infoByte.shareVersion
        signer = header.signer
        lengthBytes = header.sequenceLength ?? 0
        let needed = Blob.shareCount(sizeBytes: lengthBytes, hasSigner: signer != nil)
        guard needed <= sharesLeft else {
            throw ShareParser.fault("a sequence is longer than its shares", at: startIndex)
        }
        data.reserveCapacity(lengthBytes)
    }

    /// Takes as much of a share's content as the sequence still lacks.
    mutating func append(_ content: ArraySlice<UInt8>) {
        data.append(contentsOf: content.prefix(lengthBytes - data.count))
    }

    /// The blob, when all of it was read.
    func close() throws(DecodeFault) -> Blob {
        guard data.count == lengthBytes else {
            throw ShareParser.fault("a sequence is longer than its shares", at: startIndex)
        }
        do throws(BlobFault) {
            return try Blob(
                namespace: namespace, data: data, shareVersion: shareVersion, signer: signer)
        } catch {
            throw ShareParser.fault(error.description, at: startIndex)
        }
    }
}
