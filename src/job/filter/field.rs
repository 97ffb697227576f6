//! The names that may stand before `:`, `<` and `>`.

use super::compare::Length;

/// What a term asks about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Field {
    Status,
    Trail,
    Region,
    Profile,
    Id,
    Is,
    Length(Length),
}

impl Field {
    pub(super) const ALL: [Self; 9] = [
        Self::Status,
        Self::Trail,
        Self::Region,
        Self::Profile,
        Self::Id,
        Self::Is,
        Self::Length(Length::Age),
        Self::Length(Length::Elapsed),
        Self::Length(Length::Updated),
    ];

    pub(super) const WORDS: [&str; 9] =
        ["status", "trail", "region", "profile", "id", "is", "age", "elapsed", "updated"];

    pub(super) fn word(self) -> &'static str {
        match self {
            Self::Status => "status",
            Self::Trail => "trail",
            Self::Region => "region",
            Self::Profile => "profile",
            Self::Id => "id",
            Self::Is => "is",
            Self::Length(Length::Age) => "age",
            Self::Length(Length::Elapsed) => "elapsed",
            Self::Length(Length::Updated) => "updated",
        }
    }

    pub(super) fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|field| field.word().eq_ignore_ascii_case(name))
    }

    /// A term with it that is right.
    pub(super) fn example(self) -> &'static str {
        match self {
            Self::Status => "status:failed",
            Self::Trail => "trail:pay*",
            Self::Region => "region:cn-*",
            Self::Profile => "profile:prod",
            Self::Id => "id:16602",
            Self::Is => "is:open",
            Self::Length(Length::Age) => "age<2d",
            Self::Length(Length::Elapsed) => "elapsed>30m",
            Self::Length(Length::Updated) => "updated<10m",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_is_found_by_its_word() {
        assert_eq!(Field::ALL.map(Field::word), Field::WORDS);
        assert!(Field::ALL.iter().all(|field| Field::named(&field.word().to_uppercase()) == Some(*field)));
        assert!(Field::ALL.iter().all(|field| field.example().starts_with(field.word())));
    }
}
