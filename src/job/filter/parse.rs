//! The parser: text → [`Filter`]. One pass, no backtracking; whatever it is given, it answers.

use std::ops::Range;

use super::{
    Asks, Fault, Filter, Sense, StatusChoice, Term, Test,
    compare::{self, Comparison, Length, Relation},
    fault::Wrong,
    field::Field,
    mark::Mark,
    pattern::Pattern,
    word::Word,
};

/// Terms, with white space between them.
pub(super) fn filter(text: &str) -> Result<Filter, Fault> {
    let mut parser = Parser { text, at: 0, asks: Asks::default() };
    let mut terms = Vec::new();
    parser.skip(char::is_whitespace);
    while parser.peek().is_some() {
        let start = parser.at;
        terms.push(parser.term().map_err(|fault| fault.of_term(start))?);
        parser.skip(char::is_whitespace);
    }
    Ok(Filter { terms: terms.into(), asks: parser.asks })
}

struct Parser<'a> {
    text: &'a str,
    at: usize,
    /// Where the first of each kind stands.
    asks: Asks,
}

/// A value as it was written.
struct Value {
    text: String,
    quoted: Quoted,
    span: Range<usize>,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Quoted {
    Yes,
    No,
}

impl Parser<'_> {
    fn rest(&self) -> &str {
        &self.text[self.at..]
    }

    fn peek(&self) -> Option<char> {
        self.rest().chars().next()
    }

    /// Takes a character, if it is the next one.
    fn take(&mut self, char: char) -> Option<char> {
        self.peek().filter(|next| *next == char).inspect(|next| self.at += next.len_utf8())
    }

    /// Takes characters for as long as they are such.
    fn skip(&mut self, such: impl Fn(char) -> bool) {
        self.at = self.text.len() - self.rest().trim_start_matches(such).len();
    }

    fn is_at_end_of_term(&self) -> bool {
        self.peek().is_none_or(char::is_whitespace)
    }

    fn term(&mut self) -> Result<Term, Fault> {
        let start = self.at;
        if self.take('!').is_none() {
            return Ok(Term { sense: Sense::Plain, test: self.test()? });
        }
        if self.is_at_end_of_term() {
            return Err(Fault::new(start..self.at, Wrong::NothingNegated));
        }
        if self.take('!').is_some() {
            return Err(Fault::new(start..self.at, Wrong::NegatedTwice));
        }
        Ok(Term { sense: Sense::Negated, test: self.test()? })
    }

    fn test(&mut self) -> Result<Test, Fault> {
        if self.peek() == Some('"') {
            let word = Word::new(&self.quoted()?);
            self.ends_behind_quote()?;
            return Ok(Test::Word(word));
        }
        let name = self.at..self.at + self.rest().bytes().take_while(u8::is_ascii_alphabetic).count();
        let field = Field::named(&self.text[name.clone()]);
        match self.text[name.end..].chars().next().filter(|_| !name.is_empty()) {
            Some(':') => self.field(name),
            Some('<' | '>') => self.comparison(name),
            Some('=') if field.is_some() => self.field(name),
            _ => {
                let from = self.at;
                self.skip(|char| !char.is_whitespace());
                Ok(Test::Word(Word::new(&self.text[from..self.at])))
            }
        }
    }

    /// The field of a name, with what stands right behind it.
    fn named(&mut self, name: &Range<usize>) -> Result<Field, Fault> {
        self.at = name.end;
        let word = &self.text[name.clone()];
        Field::named(word).ok_or_else(|| Fault::new(name.clone(), Wrong::Field(word.to_owned())))
    }

    /// `name:value|value`.
    fn field(&mut self, name: Range<usize>) -> Result<Test, Fault> {
        let start = name.start;
        let field = self.named(&name)?;
        let sign = start..self.at + 1;
        if let Field::Length(_) = field {
            return Err(Fault::new(sign, Wrong::MustCompare(field)));
        }
        self.take(':').ok_or(Fault::new(sign, Wrong::TakesColon(field)))?;
        let values = self.values(field, start)?;
        match field {
            Field::Is => self.note(&values),
            Field::Status | Field::Id | Field::Length(_) => self.note_of_job(start..self.at),
            Field::Trail | Field::Region | Field::Profile => {}
        }
        Ok(match field {
            Field::Status => Test::Status(each(&values, status)?),
            Field::Trail => Test::Trail(each(&values, pattern)?),
            Field::Region => Test::Region(each(&values, pattern)?),
            Field::Profile => Test::Profile(each(&values, pattern)?),
            Field::Id => Test::Id(each(&values, id)?),
            Field::Is => Test::Is(each(&values, mark)?),
            Field::Length(_) => unreachable!("lengths were sent back above"),
        })
    }

    fn values(&mut self, field: Field, start: usize) -> Result<Vec<Value>, Fault> {
        let mut values = Vec::new();
        loop {
            let from = self.at;
            let value = self.value(|char| char.is_whitespace() || char == '|')?;
            if value.quoted == Quoted::No && value.text.is_empty() {
                // Of `status:` all of it is at fault, of `status:failed|` the last sign.
                let span = if values.is_empty() { start..from } else { from - 1..from };
                return Err(Fault::new(span, Wrong::NoValue(field)));
            }
            values.push(value);
            if self.take('|').is_none() {
                self.ends_behind_quote()?;
                return Ok(values);
            }
        }
    }

    /// `name<length`.
    fn comparison(&mut self, name: Range<usize>) -> Result<Test, Fault> {
        let start = name.start;
        let field = self.named(&name)?;
        let Field::Length(of) = field else {
            return Err(Fault::new(start..self.at + 1, Wrong::TakesColon(field)));
        };
        let relation = self.relation();
        let signs = start..self.at;
        let value = self.value(char::is_whitespace)?;
        self.ends_behind_quote()?;
        self.note_of_job(start..self.at);
        if value.text.is_empty() {
            return Err(Fault::new(signs, Wrong::NoValue(field)));
        }
        compared(of, relation, value)
    }

    /// Takes note of what `is:` asks for.
    fn note(&mut self, values: &[Value]) {
        let place = |wanted: fn(Mark) -> bool| {
            values.iter().find(|value| mark(value).is_ok_and(wanted)).map(|value| value.span.clone())
        };
        let Asks { visit, trails, jobs } = &mut self.asks;
        *visit = visit.take().or_else(|| place(|mark| mark == Mark::Changed));
        *trails = trails.take().or_else(|| place(|mark| mark == Mark::Uncovered));
        *jobs = jobs.take().or_else(|| place(|mark| mark != Mark::Uncovered));
    }

    fn note_of_job(&mut self, span: Range<usize>) {
        self.asks.jobs.get_or_insert(span);
    }

    /// `<`, `<=`, `>` or `>=`.
    fn relation(&mut self) -> Relation {
        let less = self.take('<').is_some();
        if !less {
            self.take('>');
        }
        match (less, self.take('=')) {
            (true, None) => Relation::Less,
            (true, Some(_)) => Relation::AtMost,
            (false, None) => Relation::More,
            (false, Some(_)) => Relation::AtLeast,
        }
    }

    /// Text up to where it ends, or in quotes.
    fn value(&mut self, ends: impl Fn(char) -> bool) -> Result<Value, Fault> {
        let from = self.at;
        if self.peek() == Some('"') {
            let text = self.quoted()?;
            return Ok(Value { text, quoted: Quoted::Yes, span: from..self.at });
        }
        self.skip(|char| !ends(char));
        Ok(Value { text: self.text[from..self.at].to_owned(), quoted: Quoted::No, span: from..self.at })
    }

    /// Text in quotes, in which `\"` and `\\` stand for `"` and `\`.
    fn quoted(&mut self) -> Result<String, Fault> {
        let start = self.at;
        let mut text = String::new();
        let mut chars = self.rest().char_indices().skip(1).peekable();
        while let Some((place, char)) = chars.next() {
            match char {
                '"' => {
                    self.at = start + place + 1;
                    return Ok(text);
                }
                '\\' => text.push(chars.next_if(|(_, next)| matches!(next, '"' | '\\')).map_or(char, |(_, next)| next)),
                char => text.push(char),
            }
        }
        Err(Fault::new(start..self.text.len(), Wrong::OpenQuote))
    }

    /// Unquoted text has run up to the term's end already.
    fn ends_behind_quote(&mut self) -> Result<(), Fault> {
        let from = self.at;
        self.skip(|char| !char.is_whitespace());
        if self.at == from { Ok(()) } else { Err(Fault::new(from..self.at, Wrong::BehindQuote)) }
    }
}

fn each<T>(values: &[Value], meaning: fn(&Value) -> Result<T, Wrong>) -> Result<Box<[T]>, Fault> {
    values.iter().map(|value| meaning(value).map_err(|wrong| Fault::new(value.span.clone(), wrong))).collect()
}

fn pattern(value: &Value) -> Result<Pattern, Wrong> {
    Ok(match value.quoted {
        Quoted::Yes => Pattern::literal(&value.text),
        Quoted::No => Pattern::with_wildcards(&value.text),
    })
}

fn status(value: &Value) -> Result<StatusChoice, Wrong> {
    value.text.parse().map_err(|_| Wrong::Status(value.text.clone()))
}

fn id(value: &Value) -> Result<Pattern, Wrong> {
    let number = value.text.strip_prefix('-').unwrap_or(&value.text);
    let is_number = !number.is_empty() && number.bytes().all(|byte| byte.is_ascii_digit() || b"*?".contains(&byte));
    if is_number { pattern(value) } else { Err(Wrong::Id(value.text.clone())) }
}

fn mark(value: &Value) -> Result<Mark, Wrong> {
    value.text.parse().map_err(|()| Wrong::Mark(value.text.clone()))
}

fn compared(of: Length, relation: Relation, value: Value) -> Result<Test, Fault> {
    match compare::length(&value.text) {
        Some(to) => Ok(Test::Comparison(Comparison { of, relation, to })),
        None => Err(Fault::new(value.span, Wrong::Length(value.text))),
    }
}
