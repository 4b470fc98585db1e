namespace Samovar.Diagnostics.Watching.Advising;

/// <summary>A rule that turns pictures into advice. It may keep what it needs of earlier pictures.</summary>
internal interface IAdviceRule
{
    /// <summary>Returns the advice for the next picture.</summary>
    IEnumerable<Advice> Advise(Picture picture);
}
