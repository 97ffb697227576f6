//! Lines and frames put onto a buffer, as ratatui's widgets do it, at half of what a frame of the whole screen costs with them:
//! nothing is written where nothing is to be seen, and what is a column each is not taken apart into graphemes.

use ratatui::{
    buffer::Buffer,
    layout::Rect,
    style::Style,
    symbols::border,
    text::{Line, Span},
};

use crate::text;

/// Puts a line at a place, at most so many columns of it.
pub(super) fn line(buf: &mut Buffer, x: u16, y: u16, line: &Line<'_>, width: u16) {
    let mut rest = Rect { x, y, width, height: 1 }.intersection(buf.area);
    for span in &line.spans {
        if rest.is_empty() {
            return;
        }
        let used = put(buf, rest, span, line.style) - rest.x;
        rest = Rect { x: rest.x + used, width: rest.width - used, ..rest };
    }
}

/// Puts lines below one another, as many as there is room for.
pub(super) fn lines(buf: &mut Buffer, area: Rect, lines: &[Line<'_>]) {
    for (y, text) in (area.y..area.bottom()).zip(lines) {
        line(buf, area.x, y, text, area.width);
    }
}

/// Draws a frame with a title and a line in its lower edge, both cut where there is no room, and answers what is inside.
pub(super) fn frame(
    buf: &mut Buffer,
    area: Rect,
    border: border::Set<'_>,
    title: &Line<'_>,
    below: Option<&Line<'_>>,
) -> Rect {
    let area = area.intersection(buf.area);
    let inner = Rect {
        x: (area.x + 1).min(area.right()),
        y: (area.y + 1).min(area.bottom()),
        width: area.width.saturating_sub(2),
        height: area.height.saturating_sub(2),
    };
    if area.width < 2 || area.height < 2 {
        return inner;
    }
    let (right, bottom) = (area.right() - 1, area.bottom() - 1);
    for x in area.x + 1..right {
        buf[(x, area.y)].set_symbol(border.horizontal_top);
        buf[(x, bottom)].set_symbol(border.horizontal_bottom);
    }
    for y in area.y + 1..bottom {
        buf[(area.x, y)].set_symbol(border.vertical_left);
        buf[(right, y)].set_symbol(border.vertical_right);
    }
    buf[(area.x, area.y)].set_symbol(border.top_left);
    buf[(right, area.y)].set_symbol(border.top_right);
    buf[(area.x, bottom)].set_symbol(border.bottom_left);
    buf[(right, bottom)].set_symbol(border.bottom_right);
    line(buf, inner.x, area.y, title, inner.width);
    if let Some(below) = below {
        line(buf, inner.x, bottom, below, inner.width);
    }
    inner
}

/// Puts a span at the left of a place within the buffer, and answers the column behind it.
fn put(buf: &mut Buffer, place: Rect, span: &Span<'_>, style: Style) -> u16 {
    let (content, style) = (&*span.content, style.patch(span.style));
    if !text::is_column_each(content) {
        return buf.set_stringn(place.x, place.y, content, place.width as usize, style).0;
    }
    let first = buf.index_of(place.x, place.y);
    let cells = &mut buf.content[first..first + place.width as usize];
    let used = cells.iter_mut().zip(content.chars()).map(|(cell, char)| cell.set_char(char).set_style(style)).count();
    place.x + used as u16
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use ratatui::{
        style::Stylize as _,
        widgets::{Block, Widget as _},
    };

    use super::*;

    proptest! {
        #[test]
        fn it_looks_as_ratatui_has_it(
            words in proptest::collection::vec("[ -~]{0,9}|\\PC{0,5}|[█✖日本é]{0,5}", 0..5),
            (x, y, width, height) in (0..12_u16, 0..5_u16, 0..16_u16, 0..6_u16),
        ) {
            let area = Rect::new(0, 0, 16, 6);
            let place = Rect { x, y, width, height }.intersection(area);
            let styles = [Style::new(), Style::new().red(), Style::new().bold().on_blue()];
            let spans = words.iter().zip(styles.iter().cycle()).map(|(word, style)| Span::styled(word.clone(), *style));
            let text = Line::from_iter(spans).underlined();

            let (mut ours, mut theirs) = (Buffer::empty(area), Buffer::empty(area));
            if !place.is_empty() {
                line(&mut ours, place.x, place.y, &text, place.width);
                theirs.set_line(place.x, place.y, &text, place.width);
            }
            prop_assert_eq!(&ours, &theirs);

            let inner = frame(&mut ours, place, border::PLAIN, &Line::raw("title"), Some(&Line::raw("below")));
            if place.width >= 2 && place.height >= 2 {
                let block = Block::bordered().title("title").title_bottom("below");
                prop_assert_eq!(inner, block.inner(place));
                block.render(place, &mut theirs);
            }
            prop_assert_eq!(ours, theirs);
        }
    }
}
