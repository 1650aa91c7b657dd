//! Questions that are asked side by side.

use std::collections::VecDeque;
use std::future::Future;

use tokio::task::JoinSet;

/// As many as AWS answers in one go; more are turned away.
const AT_ONCE: usize = 8;

/// The answers to all questions, in their order. Never more than a few are open.
pub(super) async fn together<F>(questions: impl IntoIterator<Item = F>) -> Vec<F::Output>
where
    F: Future<Output: Send> + Send + 'static,
{
    let mut waiting: VecDeque<(usize, F)> = questions.into_iter().enumerate().collect();
    let mut answers: Vec<Option<F::Output>> = waiting.iter().map(|_| None).collect();
    let mut open = JoinSet::new();
    loop {
        while open.len() < AT_ONCE
            && let Some((place, question)) = waiting.pop_front()
        {
            open.spawn(async move { (place, question.await) });
        }
        match open.join_next().await {
            None => return answers.into_iter().flatten().collect(),
            Some(Ok((place, answer))) => answers[place] = Some(answer),
            Some(Err(error)) => std::panic::resume_unwind(error.into_panic()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn answers_are_in_the_order_of_their_questions() {
        let answers = together((0..20_u64).map(|n| async move {
            tokio::time::sleep(std::time::Duration::from_millis(20 - n)).await;
            n
        }));
        assert_eq!(answers.await, (0..20).collect::<Vec<_>>());
    }
}
