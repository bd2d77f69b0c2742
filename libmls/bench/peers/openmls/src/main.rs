//! OpenMLS behind the line protocol of ../../README.md.

mod client;
#[allow(dead_code)] // the other driver has more to read
mod line;
mod manifest;
mod provider;
mod storage;

use std::collections::HashMap;
use std::io;

use client::Client;
use line::{Answer, Line, Unsupported};

fn library() -> String {
    format!(
        "openmls {}, openmls_rust_crypto {}, storage in memory, {}",
        manifest::version("openmls"),
        manifest::version("openmls_rust_crypto"),
        env!("BENCH_BUILD"),
    )
}

fn optional<'a>(line: &mut Line<'a>) -> Result<Option<&'a str>, Box<dyn std::error::Error>> {
    match line.at_end() {
        true => Ok(None),
        false => line.word().map(Some),
    }
}

/// Runs one command; what it answers follows `ok`.
fn run(clients: &mut HashMap<String, Client>, line: &mut Line) -> Answer {
    let command = line.word()?;
    if command == "library" {
        return Ok(library());
    }
    let name = line.word()?;
    if command == "client" {
        clients.insert(name.to_string(), Client::new(name, line.number()?)?);
        return Ok(String::new());
    }
    let client = clients.get_mut(name).ok_or("no such client")?;
    match command {
        "key_package" => client.key_package(line.word()?),
        "create" => client.create(line.word()?, line.word()?, line.word()?),
        "join" => client.join(line.word()?, optional(line)?),
        "join_external" => client.join_external(line.word()?, line.word()?, optional(line)?),
        "group_info" => client.group_info(line.word()?),
        "commit" => client.commit(line.word()?),
        "add" => client.add(line.word()?, line.word()?, line.word()?),
        "remove" => client.remove(line.number()?, line.word()?),
        "process" => client.process(line.word()?),
        "encrypt" => client.encrypt(line.number()?, line.word()?),
        "decrypt" => client.decrypt(line.word()?),
        "snapshot" => client.snapshot(),
        "restore" => client.restore(),
        "save" => Err(Unsupported("a group is stored with each operation: see storage=").into()),
        "load" => client.load(),
        "state" => client.state(),
        "forget" => {
            clients.remove(name);
            Ok(String::new())
        }
        _ => Err("no such command".into()),
    }
}

fn main() -> io::Result<()> {
    let mut clients = HashMap::new();
    line::serve(|line| run(&mut clients, line))
}
