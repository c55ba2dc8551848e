// SPDX-License-Identifier: Apache-2.0

package import Bytes
internal import Glibc

/// What a key is for, which also says its kind.
package enum KeyPurpose: String, Hashable, Sendable, CaseIterable {
    /// Pays for blobs: secp256k1.
    case account
    /// Names a node among its peers: Ed25519.
    case identity
    /// Signs votes and attestations: Ed25519.
    case validator
    /// Signs tokens for the RPC server: 32 bytes for HMAC.
    case token
}

/// A private key with its name.
package struct StoredKey: Hashable, Sendable {
    /// Its name among the keys of a directory.
    package let name: String
    /// What it is for.
    package let purpose: KeyPurpose
    /// The secret: a scalar, a seed, or bytes for HMAC.
    package let secret: Bytes32

    /// Names a key.
    package init(name: String, purpose: KeyPurpose, secret: Bytes32) {
        self.name = name
        self.purpose = purpose
        self.secret = secret
    }
}

/// Private keys, one small text file each, readable by their owner only.
///
/// ```text
/// quadrat key 1
/// account
/// 5f2c… (64 hexadecimal digits)
/// ```
/// A file that others may read is refused, as ssh does: its key may be known already. No key is
/// ever written over.
package struct KeyStore: Sendable {
    /// The longest name, in characters.
    package static let nameMax = 64
    private static let heading = "quadrat key 1"
    private static let suffix = ".key"
    private static let sizeMax = 256

    private let directory: String
    private let disk: Disk

    /// Keeps keys in a directory, which is made when the first is written.
    package init(directory: String, disk: Disk = Disk()) {
        self.directory = directory
        self.disk = disk
    }

    /// Writes a new key.
    ///
    /// - Throws: `misuse` when the name is taken or is no name.
    package func add(_ key: StoredKey) throws(StorageFault) {
        let path = try path(key.name)
        try disk.makeDirectories(directory)
        let text = "\(Self.heading)\n\(key.purpose.rawValue)\n\(key.secret.hex)\n"
        let temporary = path + Disk.temporarySuffix
        try disk.create(temporary, [Array(text.utf8)[...]])
        var fault: StorageFault?
        do throws(StorageFault) {
            // A link, unlike a rename, fails when the name is taken.
            try disk.link(temporary, to: path)
        } catch {
            fault = error
        }
        try disk.unlink(temporary)
        if case .system(.link, _, EEXIST) = fault {
            throw .misuse("there is a key '\(key.name)' already; choose another name")
        }
        if let fault { throw fault }
        try disk.syncDirectory(directory)
    }

    /// The key of a name.
    ///
    /// - Throws: `missing`; `misuse` when others may read its file; `malformed`.
    package func key(_ name: String) throws(StorageFault) -> StoredKey {
        let path = try path(name)
        guard let status = try disk.status(path) else { throw .missing }
        guard status.mode & 0o077 == 0 else {
            throw .misuse("others may read \(path); run 'chmod 600' on it, or make a new key")
        }
        let text = String(decoding: try disk.read(path, limit: Self.sizeMax), as: UTF8.self)
        do throws(DecodeFault) {
            return try Self.decode(text, name: name)
        } catch {
            throw .malformed(path: path, error)
        }
    }

    /// The key of a name, made by `secret` if there is none yet.
    ///
    /// - Throws: `misuse` when the name is that of a key for something else.
    package func key(
        _ name: String, for purpose: KeyPurpose, orMake secret: () -> Bytes32
    ) throws(StorageFault) -> StoredKey {
        do throws(StorageFault) {
            let key = try key(name)
            guard key.purpose == purpose else {
                throw .misuse("the key '\(name)' is for \(key.purpose), not for \(purpose)")
            }
            return key
        } catch {
            guard case .missing = error else { throw error }
        }
        let key = StoredKey(name: name, purpose: purpose, secret: secret())
        try add(key)
        return key
    }

    /// The names of all keys, in order.
    package func names() throws(StorageFault) -> [String] {
        guard disk.isDirectory(directory) else { return [] }
        var names: [String] = []
        for file in try disk.names(in: directory) where file.hasSuffix(Self.suffix) {
            names.append(String(file.dropLast(Self.suffix.count)))
        }
        return names
    }

    private func path(_ name: String) throws(StorageFault) -> String {
        let isName = name.utf8.allSatisfy {
            (97...122).contains($0) || (65...90).contains($0) || (48...57).contains($0)
                || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: "_")
        }
        guard isName, (1...Self.nameMax).contains(name.utf8.count) else {
            throw .misuse("'\(name.prefix(80))' is no name for a key; use letters, digits, - and _")
        }
        return directory + "/" + name + Self.suffix
    }

    private static func decode(
        _ text: String, name: String
    ) throws(DecodeFault) -> StoredKey {
        let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
        guard lines.count == 4, lines[0] == heading, lines[3].isEmpty else {
            throw .malformed("not a file of a key")
        }
        guard let purpose = KeyPurpose(rawValue: String(lines[1])) else {
            throw .malformed("a key of an unknown kind", at: heading.utf8.count + 1)
        }
        let secret = try Bytes32(decoding: Hex.decode(lines[2]), field: "secret")
        return StoredKey(name: name, purpose: purpose, secret: secret)
    }
}
