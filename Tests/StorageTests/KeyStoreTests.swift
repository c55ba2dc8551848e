// SPDX-License-Identifier: Apache-2.0

import Bytes
import Foundation
import Storage
import Testing

@Suite struct KeyStoreTests {
    /// Keys of every purpose are found again, in files that only their owner may read.
    @Test func keysAreKept() throws {
        let scratch = try ScratchDirectory()
        let store = KeyStore(directory: scratch.file("keys"))
        #expect(try store.names() == [])
        for (index, purpose) in KeyPurpose.allCases.enumerated() {
            try store.add(
                StoredKey(
                    name: purpose.rawValue, purpose: purpose,
                    secret: Bytes32(repeating: UInt8(index + 1))))
        }
        #expect(try store.names() == ["account", "identity", "token", "validator"])
        let key = try store.key("identity")
        #expect(key.purpose == .identity)
        #expect(key.secret == Bytes32(repeating: 2))
        let disk = Disk()
        #expect(try disk.status(scratch.file("keys"))?.mode == 0o700)
        #expect(try disk.status(scratch.file("keys/identity.key"))?.mode == 0o600)
        #expect(throws: StorageFault.missing) { try store.key("other") }
    }

    /// A key is never written over, and a name is a name.
    @Test func namesAreUnique() throws {
        let scratch = try ScratchDirectory()
        let store = KeyStore(directory: scratch.path)
        let key = StoredKey(name: "main", purpose: .account, secret: Bytes32(repeating: 1))
        try store.add(key)
        #expect(
            throws: StorageFault.misuse(
                "there is a key 'main' already; choose another name")
        ) {
            try store.add(
                StoredKey(name: "main", purpose: .account, secret: Bytes32(repeating: 2)))
        }
        #expect(try store.key("main") == key)
        #expect(try scratch.everyFile() == ["main.key"])
        for name in ["", "../main", "a/b", "a.b", "a b", String(repeating: "n", count: 65)] {
            #expect(throws: StorageFault.self) {
                try store.add(StoredKey(name: name, purpose: .account, secret: Bytes32()))
            }
        }
    }

    /// A file that others may read, or that is no key, is refused.
    @Test func doubtfulFilesAreRefused() throws {
        let scratch = try ScratchDirectory()
        let store = KeyStore(directory: scratch.path)
        try store.add(StoredKey(name: "a", purpose: .token, secret: Bytes32(repeating: 9)))
        for mode in [0o640, 0o604, 0o601] {
            try FileManager.default.setAttributes(
                [.posixPermissions: mode], ofItemAtPath: scratch.file("a.key"))
            #expect(throws: StorageFault.self) { try store.key("a") }
        }
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o400], ofItemAtPath: scratch.file("a.key"))
        _ = try store.key("a")
        try FileManager.default.setAttributes(
            [.posixPermissions: 0o600], ofItemAtPath: scratch.file("a.key"))
        let whole = [UInt8](try Data(contentsOf: URL(filePath: scratch.file("a.key"))))
        for count in 0..<whole.count {
            try scratch.change("a.key") { $0 = Array(whole[..<count]) }
            #expect(throws: StorageFault.self) { try store.key("a") }
        }
    }
}
