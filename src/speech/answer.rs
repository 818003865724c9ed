//! Answers that belong to no single command: refusals, and what is said to a line that is not
//! understood. Each has one cause and one remedy.

use crate::{
    domain::{code::ShortCode, ids::ConversationId, invoice::Invoice, locale::Locale},
    speech::{Draft, Tap, format::price},
};

/// One sentence in each language.
macro_rules! say {
    ($locale:expr, $en:expr, $zh:expr $(,)?) => {
        match $locale {
            Locale::En => format!($en),
            Locale::Zh => format!($zh),
        }
    };
}

/// Nothing new is begun while the database's file is not where it belongs.
pub fn nothing_kept(locale: Locale) -> String {
    say!(
        locale,
        "I cannot write new things down safely right now; the operator must look at my database. Please try again later.",
        "我暂时无法安全地记录新内容，运营者需要检查我的数据库。请稍后再试。",
    )
}

/// The operators are told of a message that was given up on.
pub fn given_up(effect: &str, conversation: ConversationId, locale: Locale) -> String {
    say!(
        locale,
        "A message to conversation {conversation} could not be shown for 6 h: Mixin fails on it, and \
         takes others. It is set aside (effect {effect}).",
        "发往会话 {conversation} 的一条消息 6 小时未能送达：Mixin 处理它时出错，其他消息正常。已搁置（effect {effect}）。",
    )
}

/// What is not text.
pub fn only_text(locale: Locale) -> String {
    say!(locale, "I read text. Try help.", "我只看文字。试试发送：帮助")
}

/// An encrypted message that we hold no key for.
pub fn undecryptable(locale: Locale) -> String {
    say!(
        locale,
        "I could not decrypt that message. Please send it again.",
        "无法解密这条消息，请再发一次。",
    )
}

/// The answer to `ping`.
pub fn pong(locale: Locale) -> String {
    say!(locale, "pong", "pong")
}

/// A line that is not understood.
pub fn unknown(did_you_mean: &[String], locale: Locale) -> Vec<Draft> {
    if did_you_mean.is_empty() {
        let text = say!(
            locale,
            "I did not understand that.\nFor example: invoice 10 usd coffee",
            "没看懂。\n例如：收款10美元咖啡",
        );
        return vec![Draft::text(text), Draft::buttons(vec![Tap::say("help", "help")]).silently()];
    }
    let text = say!(locale, "I did not understand that. Did you mean", "没看懂。你是想说");
    let taps = did_you_mean.iter().map(|line| Tap::say(line.clone(), line.clone())).collect();
    vec![Draft::text(text), Draft::buttons(taps).silently()]
}

/// Money without a command: one answer with the button; nothing is made.
pub fn bare_money(command: &str, locale: Locale) -> Vec<Draft> {
    let text = say!(
        locale,
        "To make an invoice of that, tap below. Nothing has been made yet.",
        "要据此创建收款，请点下面的按钮。目前尚未创建。",
    );
    vec![Draft::text(text), Draft::buttons(vec![Tap::say(command, command)]).silently()]
}

/// The greeting in a group that the bot was added to.
pub fn hello_group(number: &str, locale: Locale) -> Draft {
    Draft::card(
        say!(locale, "Hello! I make invoices.", "大家好！我负责收款。"),
        say!(
            locale,
            "In this group I read lines that begin with @{number} and a space. \
             For example: @{number} invoice 10 usd for dinner",
            "在群里，我只看以 @{number} 加空格开头的消息。例如：@{number} 收款10美元晚餐",
        ),
        help_taps(locale),
    )
}

/// Three buttons for whoever does not know what to say.
pub fn help_taps(locale: Locale) -> Vec<Tap> {
    let labels = match locale {
        Locale::En => ["invoice", "status", "help"],
        Locale::Zh => ["收款", "状态", "帮助"],
    };
    // The labels are commands themselves, in either language.
    labels.into_iter().map(|label| Tap::say(label, label)).collect()
}

/// What is private.
pub fn ask_in_private(locale: Locale) -> String {
    say!(locale, "That is private: ask me in a chat of our own.", "这属于私密内容：请私聊我。")
}

/// An invoice that a supergroup bot asked for is shown to the person.
pub fn look_in_private(locale: Locale) -> String {
    say!(locale, "It comes in a chat of our own.", "请查看我们的私聊。")
}

/// The clock is wrong: nothing is made that has a deadline.
pub fn clock_is_wrong(locale: Locale) -> String {
    say!(
        locale,
        "My clock is wrong, so I make no invoices now; the operator knows.",
        "我的时钟不准，暂时不能创建收款；运营者已知晓。",
    )
}

/// What comes next was asked for elsewhere.
pub fn asked_through_another(locale: Locale) -> String {
    say!(locale, "You asked for this in another chat:", "这是你在另一个聊天里请求的：")
}

/// Somebody asks for money; the card follows.
pub fn asks_you(creator: &str, locale: Locale) -> String {
    say!(locale, "{creator} asks you for this payment:", "{creator} 请你付款：")
}

/// The group's rule forbids it.
pub fn only_admins(locale: Locale) -> String {
    say!(locale, "Only the group's owner and admins may do that.", "只有群主和管理员可以这样做。")
}

/// The group's rule forbids invoices of members.
pub fn only_admins_invoice(locale: Locale) -> String {
    say!(
        locale,
        "In this group only the owner and the admins make invoices.",
        "本群只有群主和管理员可以创建收款。",
    )
}

/// The group's roles cannot be learned now.
pub fn roles_unavailable(locale: Locale) -> String {
    say!(
        locale,
        "I cannot see who runs this group right now. Please try again in a minute.",
        "暂时无法获知谁管理本群，请一分钟后再试。",
    )
}

/// Somebody else's.
pub fn not_yours(locale: Locale) -> String {
    say!(
        locale,
        "That invoice is not yours to decide about. Ask whoever made it.",
        "这不是你的收款单，请联系创建者。",
    )
}

/// Too many invoices this hour.
pub fn invoices_spent(limit: u32, locale: Locale) -> String {
    say!(
        locale,
        "Slow down: {limit} invoices an hour. Please try again later.",
        "请慢一点：每小时最多 {limit} 笔收款，请稍后再试。",
    )
}

/// Too many searches today.
pub fn lookups_spent(limit: u32, locale: Locale) -> String {
    say!(
        locale,
        "Your {limit} lookups for today are spent. Known people can still be looked up.",
        "今天的 {limit} 次查询已用完。已知的用户仍可查询。",
    )
}

/// Nobody has this Mixin ID.
pub fn no_such_user(number: &str, locale: Locale) -> String {
    say!(
        locale,
        "Mixin ID {number} does not exist. Please check the digits.",
        "Mixin ID {number} 不存在，请核对数字。",
    )
}

/// Nobody can be looked up now.
pub fn lookup_unavailable(number: &str, locale: Locale) -> String {
    say!(
        locale,
        "I cannot look {number} up right now. Send me their contact card, or try again later.",
        "暂时无法查询 {number}。请发送对方的名片，或稍后再试。",
    )
}

/// A code that nobody has, or that is not theirs to know about.
pub fn unknown_code(code: ShortCode, locale: Locale) -> String {
    say!(
        locale,
        "I know no {code}. Please check the code; list shows your own.",
        "没有编号 {code}。请核对；发送 列表 可查看你自己的收款。",
    )
}

/// A trace that nobody has, or that is not theirs to know about.
pub fn unknown_trace(locale: Locale) -> String {
    say!(locale, "I know no payment with that trace.", "没有该流水号的付款。")
}

/// An order number that the person has not used.
pub fn unknown_order(order: &str, locale: Locale) -> String {
    say!(
        locale,
        "You have no invoice with order number {order}.",
        "你没有订单号为 {order} 的收款。",
    )
}

/// An order number that was used for something else.
pub fn order_used(order: &str, known: &Invoice, locale: Locale) -> String {
    let (code, price) = (known.code, price(&known.terms));
    say!(
        locale,
        "Order number {order} was used for {code}, {price}. Choose another one.",
        "订单号 {order} 已用于 {code}，{price}。请换一个。",
    )
}

/// No invoices at all.
pub fn no_invoices(locale: Locale) -> String {
    say!(
        locale,
        "No invoices yet. For example: invoice 10 usd coffee",
        "还没有收款。例如：收款10美元咖啡",
    )
}

/// No more pages.
pub fn no_more_invoices(locale: Locale) -> String {
    say!(locale, "No more invoices.", "没有更多收款了。")
}

/// Nothing that could be cancelled.
pub fn nothing_to_cancel(locale: Locale) -> String {
    say!(locale, "You have no open invoice to cancel.", "没有可取消的收款。")
}

/// It is paid.
pub fn paid_already(code: ShortCode, locale: Locale) -> String {
    say!(locale, "{code} is paid and cannot be cancelled.", "{code} 已支付，无法取消。")
}

/// Money is on its way.
pub fn cannot_cancel(code: ShortCode, locale: Locale) -> String {
    say!(
        locale,
        "{code} cannot be cancelled: a payment is in flight. You will be told how it ends.",
        "{code} 无法取消：有付款正在进行。有结果会通知你。",
    )
}

/// It was cancelled before.
pub fn cancelled_already(code: ShortCode, locale: Locale) -> String {
    say!(locale, "{code} is cancelled already.", "{code} 已经取消。")
}

/// It is over.
pub fn over_already(code: ShortCode, locale: Locale) -> String {
    say!(locale, "{code} is over; there is nothing to cancel.", "{code} 已结束，无需取消。")
}

/// MixPay is asked whether money came before it is cancelled.
pub fn cancelling(code: ShortCode, locale: Locale) -> String {
    say!(
        locale,
        "Cancelling {code}: I am asking MixPay first whether money came.",
        "正在取消 {code}：先向 MixPay 确认是否已有付款。",
    )
}

/// Links have no end.
pub fn links_stay(code: ShortCode, locale: Locale) -> String {
    say!(
        locale,
        "{code} is a pay link: it lives at MixPay and cannot be cancelled. Delete its card.",
        "{code} 是付款链接，存在于 MixPay，无法取消。请删除其卡片。",
    )
}

/// There is nothing for a human to decide.
pub fn nothing_to_decide(code: ShortCode, locale: Locale) -> String {
    say!(
        locale,
        "{code} needs no decision. accept and reject are for short, failed or held payments.",
        "{code} 无需人工决定。确认和拒绝仅用于不足额、失败或暂扣的付款。",
    )
}

/// The labels of the buttons for a human decision.
pub const fn decision_labels(locale: Locale) -> (&'static str, &'static str) {
    match locale {
        Locale::En => ("Accept", "Reject"),
        Locale::Zh => ("确认", "拒绝"),
    }
}
