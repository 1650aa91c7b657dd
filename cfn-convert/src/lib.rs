//! Turns a project that ECS can run into a CloudFormation template.
